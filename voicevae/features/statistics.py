"""Statistics of a recording, or of several: register, level, and long-term spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicevae.features import Frames
from voicevae.features.contours import is_speech, loud_frames_db

MIN_VOICED = 10  # frames; fewer say little about a speaker's register
USUAL_LOG_F0_STD = 0.2  # taken where there are fewer
LOG_F0_STD_FLOOR = 0.02
MEL_STD_FLOOR = 0.1
PIECE_FRAMES = 1600  # of a recording at a time, which bounds the memory


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
    return frames_statistics([Frames.from_array(one) for one in recordings])


def frames_statistics(recordings: Sequence[Frames]) -> UtteranceStatistics:
    """`pooled_statistics` of frames, which are not copied."""
    log_f0 = np.concatenate([one.log_f0 for one in recordings])
    voiced = np.concatenate([one.log_f0[one.voiced] for one in recordings])
    few = len(voiced) < MIN_VOICED
    spoken = [(one.mel, is_speech(one.loudness_db, loud_frames_db(one.loudness_db))) for one in recordings]
    n_speech, mean, covariance = moments(spoken)
    values = {
        "log_f0_mean": np.median(log_f0) if few else voiced.mean(dtype=np.float64),
        "log_f0_std": USUAL_LOG_F0_STD if few else max(voiced.std(dtype=np.float64), LOG_F0_STD_FLOOR),
        "loudness_max_db": loud_frames_db(np.concatenate([one.loudness_db for one in recordings])),
        "mel_mean": mean,
        "mel_cov": covariance,
        "n_speech": n_speech,
        "mel_std": np.maximum(np.sqrt(covariance.diagonal()), MEL_STD_FLOOR),
    }
    return UtteranceStatistics(**{name: np.asarray(value, np.float32) for name, value in values.items()})


def moments(recordings: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[int, np.ndarray, np.ndarray]:
    """Count, mean `[D]` and covariance `[D, D]`, float64, of the frames of several recordings, each as frames `[T, D]`
    and which of them count, `[T]` bool."""
    chosen = [
        (frames[start : start + PIECE_FRAMES], which[start : start + PIECE_FRAMES])
        for frames, which in recordings
        for start in range(0, len(frames), PIECE_FRAMES)
    ]
    n = sum(int(which.sum()) for _, which in chosen)
    mean = sum(piece[which].sum(0, dtype=np.float64) for piece, which in chosen) / n
    centre = mean.astype(np.float32)
    covariance = np.zeros((len(mean), len(mean)))
    for piece, which in chosen:
        centred = piece[which] - centre
        covariance += centred.T @ centred
    return n, mean, covariance / n
