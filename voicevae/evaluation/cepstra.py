"""Mel-cepstra of speech, and their alignment in time."""

import numpy as np
import soxr

from voicevae.features import FeatureConfig, Frames, extract
from voicevae.features.statistics import SPEECH_RANGE_DB

FEATURES = FeatureConfig()  # what speech is judged by, whatever a bundle's own features are
BANDS = FEATURES.n_mels


def judged(wave: np.ndarray, sample_rate: int) -> Frames:
    """Features of `wave` `[n]`, the same for bundles of all kinds: at 16 kHz, 80 frames a second."""
    if sample_rate != FEATURES.sample_rate:
        wave = soxr.resample(wave, sample_rate, FEATURES.sample_rate)
    return extract(wave, FEATURES)


def cepstra(frames: Frames, n: int) -> np.ndarray:
    """Coefficients 1 to `n` of the orthonormal DCT-II of the 80 mel bands of `judged` frames: `[T, n]`, in nats."""
    angles = np.pi / BANDS * (np.arange(BANDS) + 0.5)[:, None] * np.arange(1, n + 1)
    return frames.mel[:, :BANDS].astype(np.float64) @ (np.sqrt(2 / BANDS) * np.cos(angles))


def speech(frames: Frames) -> np.ndarray:
    """`[T]` bool: frames at most 40 dB below the 95th percentile of loudness."""
    return frames.loudness_db > np.percentile(frames.loudness_db, 95) - SPEECH_RANGE_DB


def aligned(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances `[L]` along the path between `a` `[n, D]` and `b` `[m, D]` with the least sum.

    Dynamic time warping with steps (1, 1), (1, 0) and (0, 1) (Sakoe & Chiba, 1978), one antidiagonal at a time, so that
    nothing need be compiled.
    """
    cost = np.sqrt(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0))
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for both in range(2, n + m + 1):
        i = np.arange(max(1, both - m), min(n, both - 1) + 1)
        j = both - i
        before = np.minimum(np.minimum(total[i - 1, j - 1], total[i - 1, j]), total[i, j - 1])
        total[i, j] = cost[i - 1, j - 1] + before
    i, j = _path(total)
    return np.linalg.norm(a[i] - b[j], axis=1)


def _path(total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The way back from the end of a table `[n + 1, m + 1]` of least sums, as indices into its costs."""
    i, j = total.shape[0] - 1, total.shape[1] - 1
    steps = []
    while i and j:
        steps.append((i - 1, j - 1))
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda at: total[at])
    rows, columns = zip(*steps, strict=True)
    return np.array(rows), np.array(columns)
