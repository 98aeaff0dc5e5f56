"""Mel-cepstra of speech, and their alignment in time."""

import numpy as np
import soxr

from voicevae.features import FeatureConfig, Frames, dtw, extract

FEATURES = FeatureConfig()  # of all metrics, whatever a bundle's own features are
BANDS = FEATURES.n_mels


def fixed_frames(wave: np.ndarray, sample_rate: int) -> Frames:
    """Features of `wave` `[n]`, the same for bundles of all kinds: at 16 kHz, 80 frames a second."""
    if sample_rate != FEATURES.sample_rate:
        wave = soxr.resample(wave, sample_rate, FEATURES.sample_rate)
    return extract(wave, FEATURES)


def cepstra(frames: Frames, n: int) -> np.ndarray:
    """Coefficients 1 to `n` of the orthonormal DCT-II of the 80 mel bands of `fixed_frames`: `[T, n]`, in nats."""
    return dtw.cepstra(frames.mel[:, :BANDS], n)


def speech(frames: Frames) -> np.ndarray:
    """`[T]` bool: frames at most 40 dB below the 95th percentile of loudness."""
    return frames.contours.speech


def aligned(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances `[L]` along the path between `a` `[n, D]` and `b` `[m, D]` with the least sum.

    See `voicevae.features.dtw`.
    """
    total = dtw.least_sums(np.sqrt(dtw.square_distances(a, b)))
    i, j = dtw.path_to(total, len(a), len(b))
    return np.linalg.norm(a[i] - b[j], axis=1)
