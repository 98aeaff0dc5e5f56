"""Statistics of a recording, or of several: register, level, and long-term spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicevae.features.contours import is_speech, loud_frames_db
from voicevae.features.prosody import VOICED

MIN_VOICED = 10  # frames; fewer say little about a speaker's register
USUAL_LOG_F0_STD = 0.2  # taken where there are fewer
LOG_F0_STD_FLOOR = 0.02
MEL_STD_FLOOR = 0.1


@dataclass(frozen=True, eq=False)
class UtteranceStatistics:
    """Statistics of one recording, all float32.

    log_f0_mean, log_f0_std: scalars over voiced frames, ln Hz; with fewer than 10 of them the median of the
    interpolated contour, and a usual standard deviation. loudness_max_db: scalar, of the loud frames, dB.
    mel_mean, mel_std `[n_channels]` and mel_cov `[n_channels, n_channels]`: nats, over the n_speech frames of speech.
    Standard deviations have a floor, so that they can divide.
    """

    log_f0_mean: np.ndarray
    log_f0_std: np.ndarray
    loudness_max_db: np.ndarray
    mel_mean: np.ndarray
    mel_cov: np.ndarray
    n_speech: np.ndarray
    mel_std: np.ndarray


def utterance_statistics(frames: np.ndarray) -> UtteranceStatistics:
    """Statistics of `frames` `[T, n_channels + 3]` (mel, log_f0, voicing, loudness_db, as `Frames.array`)."""
    return pooled_statistics([frames])


def pooled_statistics(recordings: Sequence[np.ndarray]) -> UtteranceStatistics:
    """Statistics over the voiced and the speech frames of several recordings `[T, n_channels + 3]`, in each of which
    speech is what is near its own level."""
    parts = [(r[:, :-3], r[:, -3], r[:, -2], r[:, -1]) for r in recordings]
    log_f0 = np.concatenate([f0 for _, f0, _, _ in parts])
    voiced = np.concatenate([f0[voicing >= VOICED] for _, f0, voicing, _ in parts])
    few = len(voiced) < MIN_VOICED
    loudest = loud_frames_db(np.concatenate([loudness for _, _, _, loudness in parts]))
    speech = np.concatenate([mel[is_speech(loudness, loud_frames_db(loudness))] for mel, _, _, loudness in parts])
    centred = speech - speech.mean(0)
    values = {
        "log_f0_mean": np.median(log_f0) if few else voiced.mean(dtype=np.float64),
        "log_f0_std": USUAL_LOG_F0_STD if few else max(voiced.std(dtype=np.float64), LOG_F0_STD_FLOOR),
        "loudness_max_db": loudest,
        "mel_mean": speech.mean(0, dtype=np.float64),
        "mel_cov": centred.T @ centred / len(speech),
        "n_speech": len(speech),
        "mel_std": np.maximum(speech.std(0, dtype=np.float64), MEL_STD_FLOOR),
    }
    return UtteranceStatistics(**{name: np.asarray(value, np.float32) for name, value in values.items()})
