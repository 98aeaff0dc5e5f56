"""Acoustic measures of speech, read from its frames.

F0 mean, F0 range (standard deviation), F0 rate of change (mean absolute slope), loudness (mean over speech), spectral
tilt (slope of the mean mel of speech over log-frequency), and formants, which are only measured relative to another
voice.
"""

import numpy as np

from voicevae.features import Contours, FeatureConfig
from voicevae.features.mel import mel_centres_hz
from voicevae.features.statistics import MIN_VOICED
from voicevae.features.vtlp import warp_matrix
from voicevae.units import DB_PER_NAT, SEMITONES_PER_NAT, ratio

MEASURES = (
    ("F0 mean", "semitones"),
    ("F0 range", "semitones"),
    ("F0 rate of change", "semitones/s"),
    ("loudness", "dB"),
    ("spectral tilt", "dB/octave"),
    ("formants", "semitones"),
)
LOW_HZ, HIGH_HZ = 200.0, 6000.0
MAX_SHIFT, SHIFT_STEP = 6.0, 0.05  # semitones


def measure(mel: np.ndarray, contours: Contours, config: FeatureConfig) -> np.ndarray:
    """The `MEASURES` of mel `[T, n_channels]` and contours, `[6]`, formants 0."""
    voiced, speech = contours.voiced, contours.speech
    log_f0 = SEMITONES_PER_NAT * contours.log_f0.astype(np.float64)
    pitch = log_f0[voiced] if voiced.sum() >= MIN_VOICED else log_f0
    both = voiced[1:] & voiced[:-1]
    speed = config.frame_rate * np.abs(np.diff(log_f0))[both].mean() if both.any() else 0.0
    level = float(contours.loudness_db[speech].mean())
    return np.array([pitch.mean(), pitch.std(), speed, level, tilt(mel[speech].mean(0), config), 0.0])


def tilt(mel_mean: np.ndarray, config: FeatureConfig) -> float:
    """Slope in dB an octave of a mean mel `[n_channels]` between 200 and 6000 Hz."""
    hz = mel_centres_hz(config)
    used = (hz > LOW_HZ) & (hz < HIGH_HZ)
    octaves = np.log2(hz[used])
    octaves = octaves - octaves.mean()
    return float(np.float64(DB_PER_NAT) * octaves @ mel_mean[: config.n_mels][used] / (octaves @ octaves))


def formant_shift(before: np.ndarray, after: np.ndarray, contours: Contours, config: FeatureConfig) -> float:
    """How far the formants of mel `after` lie above those of `before`, both `[T, n_channels]`, of the same words, in
    semitones.

    It is the warp, up to 6 semitones, that brings the voiced frames of one nearest to the other's, regardless of tilt
    and level.
    """
    voiced = contours.voiced & contours.speech
    if not voiced.any():
        return 0.0
    one, two = (x[voiced, : config.n_mels] for x in (before, after))
    return warp_between(one, two, config)


def warp_between(one: np.ndarray, two: np.ndarray, config: FeatureConfig) -> float:
    """Semitones by which the envelopes `two` `[T, n_mels]` lie above `one` `[T, n_mels]`."""
    shifts = np.arange(-MAX_SHIFT, MAX_SHIFT + SHIFT_STEP / 2, SHIFT_STEP)
    matrices = warp_matrix(ratio(shifts), config)[:, : config.n_mels, : config.n_mels]
    hz = mel_centres_hz(config)
    used = (hz > LOW_HZ) & (hz < HIGH_HZ)
    trend = np.stack([np.ones(int(used.sum()), np.float32), np.log2(hz[used])], 1)
    flat = np.eye(len(trend), dtype=np.float32) - trend @ np.linalg.pinv(trend)  # removes level and tilt
    target = two[:, used] @ flat
    errors = [float(np.abs((one @ matrix)[:, used] @ flat - target).mean()) for matrix in matrices]
    return float(shifts[int(np.argmin(errors))])
