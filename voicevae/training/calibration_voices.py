"""The space of voices (`voicevae.verbs.voices`), fitted to training speakers."""

from collections.abc import Sequence

import numpy as np

from voicevae.code import Speaker
from voicevae.verbs.voices import BLOCKS, description

COMPONENTS = {"z": 24, "mel_mean": 16, "mel_cov": 16}  # kept of each block, at most
GENDERS = {"f": "female", "m": "male"}
MAX_REGISTERS = 3
MIN_SPEAKERS = 4  # of a component


def fit_voices(
    voices: Sequence[Sequence[Speaker]], genders: Sequence[str | None]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The arrays of `VoiceSpace`, and the names of its components; empty with fewer than four speakers.

    A component is a Gaussian whose covariance is shrunk (Ledoit & Wolf, 2004) towards that of independent coordinates.

    Args:
        voices: of each speaker, one a recording.
        genders: of each speaker, as the corpus calls it; the components, where four speakers or more have one.
    """
    from sklearn.covariance import LedoitWolf

    if len(voices) < MIN_SPEAKERS:
        return {}, []
    described = [[description(one) for one in own] for own in voices]
    means = {name: np.stack([np.mean([d[name] for d in own], 0) for own in described]) for name in described[0][0]}
    arrays: dict[str, np.ndarray] = {}
    parts = [means["log_f0"]]
    for name in BLOCKS:
        centre, basis = _principal(means[name], COMPONENTS[name])
        arrays[f"{name}_mean"], arrays[f"{name}_basis"] = centre.astype(np.float32), basis.astype(np.float16)
        parts.append((means[name] - centre) @ basis.T)
    coordinates = np.concatenate(parts, 1)
    names, member = _groups(genders, means["log_f0"])
    groups = [coordinates[member == i] for i in range(len(names))]
    stds = [np.maximum(own.std(0), 1e-3) for own in groups]
    fitted = [LedoitWolf().fit(own / std) for own, std in zip(groups, stds, strict=True)]
    arrays["weights"] = np.array([len(own) for own in groups], np.float32) / sum(map(len, groups))
    arrays["means"] = np.stack([own.mean(0) for own in groups]).astype(np.float32)
    arrays["covariances"] = np.stack(
        [one.covariance_ * std * std[:, None] for one, std in zip(fitted, stds, strict=True)]
    ).astype(np.float32)
    return arrays, names


def _principal(values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean `[P]` and the first `n` principal directions `[n, P]` of `values` `[S, P]`, fewer if there are."""
    mean = values.mean(0)
    _, _, directions = np.linalg.svd(values - mean, full_matrices=False)
    return mean, directions[: min(n, len(values) - 1)]


def _groups(genders: Sequence[str | None], log_f0: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names of the groups of speakers, and the place of each speaker's there `[S]`, -1 for none.

    A gender leaves out speakers whose mean log-F0 is another one's: children, and wrong labels. Without genders
    the groups are registers: a mixture over mean and standard deviation of log-F0 `[S, 2]`, its size by BIC.
    """
    known = [GENDERS.get((gender or "").lower(), (gender or "").lower()) for gender in genders]
    names = sorted(name for name in set(known) - {""} if known.count(name) >= MIN_SPEAKERS)
    if names:
        member = np.array([names.index(name) if name in names else -1 for name in known])
        return names, np.where(_register(log_f0[:, 0], member, len(names)) == member, member, -1)
    from sklearn.mixture import GaussianMixture

    scaled = log_f0 / np.maximum(log_f0.std(0), 1e-3)
    most = max(min(MAX_REGISTERS, len(log_f0) // (2 * MIN_SPEAKERS)), 1)
    models = [GaussianMixture(n, reg_covar=1e-2, random_state=0).fit(scaled) for n in range(1, most + 1)]
    member = min(models, key=lambda model: model.bic(scaled)).predict(scaled)
    if np.bincount(member).min() < MIN_SPEAKERS:
        member = np.zeros(len(scaled), int)
    _, member = np.unique(member, return_inverse=True)
    return [""] * (member.max() + 1), member


def _register(log_f0_mean: np.ndarray, member: np.ndarray, n: int) -> np.ndarray:
    """The group `[S]` whose Gaussian, by median and quartiles, each mean log-F0 `[S]` fits best."""
    own = [log_f0_mean[member == i] for i in range(n)]
    middle = np.array([np.median(values) for values in own])
    std = np.array([max(float(np.subtract(*np.percentile(values, [75, 25]))) / 1.35, 1e-2) for values in own])
    return np.argmin(((log_f0_mean[:, None] - middle) / std) ** 2 + 2 * np.log(std), 1)
