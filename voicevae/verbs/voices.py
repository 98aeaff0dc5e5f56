"""The space of voices: a distribution of whole voices of the training speakers, and draws from it.

Register, mean and covariance of the mel are drawn together with `z_s`; drawn apart, a voice would have the formants of
one speaker and the pitch of another. So a mixture with a Gaussian per gender is fitted to descriptions of all that a
`Speaker` holds. Each description is reduced to a few coordinates, block by block:

    log-F0 mean and logarithm of its standard deviation; principal components of z_s, of the mel's mean, and of the
    matrix logarithm of its covariance (so that any point is a covariance: Arsigny et al., 2007)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voicevae.calibration import Calibration
from voicevae.code import Speaker
from voicevae.errors import EditError
from voicevae.features.statistics import LOG_F0_STD_FLOOR
from voicevae.verbs.mixture import Mixture

RIDGE = 0.05  # nats squared, added to a covariance before its logarithm is taken
BLOCKS = ("z", "mel_mean", "mel_cov")


@dataclass(frozen=True, eq=False)
class VoiceSpace:
    """Means `[P]` and bases `[K, P]` of each block, and a mixture over the coordinates `[2 + sum of K]`.

    names: of the mixture's components, such as "female"; more than one may have the same.
    """

    mean: dict[str, np.ndarray]
    basis: dict[str, np.ndarray]
    mixture: Mixture
    names: list[str]

    @staticmethod
    def of(calibration: Calibration) -> "VoiceSpace":
        """The space of a bundle's calibration. Raises BundleError where there is none."""
        arrays = calibration.part("voices")
        return VoiceSpace(
            {name: arrays[f"{name}_mean"] for name in BLOCKS},
            {name: arrays[f"{name}_basis"] for name in BLOCKS},
            Mixture(arrays["weights"], arrays["means"], arrays["covariances"]),
            calibration.labels["voices"],
        )

    @property
    def std(self) -> np.ndarray:
        """Standard deviation of each coordinate over the training speakers, `[D]`."""
        weights, means = self.mixture.weights[:, None], self.mixture.means
        centre = (weights * means).sum(0)
        variances = self.mixture.covariances.diagonal(axis1=1, axis2=2) + np.square(means - centre)
        return np.sqrt((weights * variances).sum(0))

    def coordinates(self, speaker: Speaker) -> np.ndarray:
        """Coordinates of a voice, `[D]`."""
        blocks = description(speaker)
        parts = [self.basis[name] @ (blocks[name] - self.mean[name]) for name in BLOCKS]
        return np.concatenate([blocks["log_f0"], *parts]).astype(np.float32)

    def speaker(self, coordinates: np.ndarray) -> Speaker:
        """The voice at `coordinates` `[D]`."""
        log_f0, *parts = np.split(coordinates, np.cumsum([2, *(len(self.basis[name]) for name in BLOCKS)])[:-1])
        blocks = {name: self.mean[name] + part @ self.basis[name] for name, part in zip(BLOCKS, parts, strict=True)}
        std = max(float(np.exp(log_f0[1])), LOG_F0_STD_FLOOR)
        return Speaker(
            blocks["z"].astype(np.float32),
            float(log_f0[0]),
            std,
            blocks["mel_mean"].astype(np.float32),
            covariance_of(blocks["mel_cov"]),
        )

    def draw(self, seed: int, gender: str | None = None) -> Speaker:
        """A new voice; the same seed gives the same one.

        Raises:
            EditError: an unknown gender.
        """
        known = sorted(set(self.names) - {""})
        if gender is not None and gender not in known:
            raise EditError(
                f"The bundle knows no gender {gender!r}; "
                + (f"known are {', '.join(known)}." if known else "it knows none.")
            )
        random = np.random.default_rng(seed)
        chosen = np.array([gender in (None, name) for name in self.names])
        weights = np.where(chosen, self.mixture.weights, 0).astype(np.float64)
        component = int(random.choice(len(weights), p=weights / weights.sum()))
        return self.speaker(self.mixture.draw(random, component))

    def gender(self, speaker: Speaker) -> str:
        """The name of the most likely component for a voice."""
        return self.names[int(self.mixture.log_densities(self.coordinates(speaker)[None])[0].argmax())]


def description(speaker: Speaker) -> dict[str, np.ndarray]:
    """A voice as vectors: log_f0 `[2]`, z `[D_s]`, mel_mean `[n_channels]`, mel_cov (`logarithm_of` it)."""
    return {
        "log_f0": np.array([speaker.log_f0_mean, np.log(speaker.log_f0_std)]),
        "z": speaker.z,
        "mel_mean": speaker.mel_mean,
        "mel_cov": logarithm_of(speaker.mel_cov),
    }


def logarithm_of(covariance: np.ndarray) -> np.ndarray:
    """Upper triangle of the matrix logarithm of `[D, D]`, elements off the diagonal times sqrt(2): distances stay."""
    matrix = _spectral(covariance + RIDGE * np.eye(len(covariance)), np.log)
    rows, columns = np.triu_indices(len(matrix))
    return matrix[rows, columns] * np.where(rows == columns, 1, np.sqrt(2))


def covariance_of(logarithm: np.ndarray) -> np.ndarray:
    """The inverse of `logarithm_of`, float32 `[D, D]`, without a negative eigenvalue."""
    size = int(np.sqrt(2 * len(logarithm)))
    rows, columns = np.triu_indices(size)
    matrix = np.zeros((size, size))
    matrix[rows, columns] = matrix[columns, rows] = logarithm / np.where(rows == columns, 1, np.sqrt(2))
    return _spectral(matrix, lambda values: np.maximum(np.exp(values) - RIDGE, 0)).astype(np.float32)


def _spectral(matrix: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """A symmetric matrix with `function` of its eigenvalues."""
    values, vectors = np.linalg.eigh(np.asarray(matrix, np.float64))
    return (vectors * function(values)) @ vectors.T
