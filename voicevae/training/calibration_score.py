"""Calibration of the score (`voicevae.verbs.score`): a Gaussian of its terms and statistics over recordings."""

from collections.abc import Sequence

import numpy as np

from voicevae.coder import Coder, Posterior
from voicevae.features import Frames
from voicevae.verbs.score import (
    FRAME_PERCENTILES,
    NAMES,
    QUANTILES,
    errors,
    mahalanobis,
    minus_log_likelihoods,
    summary,
)

LEAST_SCALE = 1e-3
FRAME_STEP = 10  # every tenth frame tells their distribution


def scales(coder: Coder, recordings: Sequence[Frames]) -> tuple[np.ndarray, np.ndarray]:
    """Scales of the Laplace distributions that fit `recordings` best, their mean absolute errors over speech.

    Returns:
        `[n_channels]` of the mel; `[2]` of log-F0 (voiced) and loudness.
    """
    missed = [errors(coder, frames, coder.infer(frames)) for frames in recordings]
    mel = np.concatenate([one.mel[one.speech] for one in missed]).mean(0)
    pitch = np.concatenate([one.pitch[one.speech & one.voiced] for one in missed])
    loudness = np.concatenate([one.loudness[one.speech] for one in missed])
    contours = np.array([pitch.mean() if len(pitch) else 1.0, loudness.mean()])
    return np.maximum(mel, LEAST_SCALE).astype(np.float32), np.maximum(contours, LEAST_SCALE).astype(np.float32)


class ScoreFit:
    """Collects recordings, and fits the Gaussian of their summaries."""

    def __init__(self, coder: Coder, mel_scale: np.ndarray, contour_scale: np.ndarray) -> None:
        self.coder, self.mel_scale, self.contour_scale = coder, mel_scale, contour_scale
        self.summaries: list[np.ndarray] = []
        self.frames: list[np.ndarray] = []

    def add(self, frames: Frames, q: Posterior) -> None:
        """Add a recording and its posterior."""
        missed = errors(self.coder, frames, q)
        terms = minus_log_likelihoods(missed, self.mel_scale, self.contour_scale)
        self.summaries.append(summary(missed, terms, frames, self.coder.config.n_mels))
        self.frames.append(terms.sum(1)[missed.speech][::FRAME_STEP])

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of `score`; the covariance is shrunk (Ledoit & Wolf, 2004)."""
        from sklearn.covariance import LedoitWolf

        values = np.stack(self.summaries)
        mean, std = values.mean(0), np.maximum(values.std(0), LEAST_SCALE)
        deviations = (values - mean) / std
        precision = np.linalg.inv(LedoitWolf().fit(deviations).covariance_)
        distances = np.array([mahalanobis(one, precision) for one in deviations])
        found = {
            "mel_scale": self.mel_scale,
            "contour_scale": self.contour_scale,
            "mean": mean,
            "std": std,
            "precision": precision,
            "distances": np.quantile(distances, QUANTILES),
            "log_distance": np.array([np.log(distances).mean(), max(np.log(distances).std(), LEAST_SCALE)]),
            "frame_levels": np.percentile(np.concatenate(self.frames), FRAME_PERCENTILES),
        }
        assert mean.shape == (len(NAMES),)
        return {name: np.asarray(value, np.float32) for name, value in found.items()}
