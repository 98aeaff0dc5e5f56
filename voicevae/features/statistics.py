"""Plain statistics of one utterance: register, level, and long-term spectrum."""

import numpy as np
import torch

from voicevae.features.prosody import VOICED

MIN_VOICED = 10  # frames; fewer say little about a speaker's register
USUAL_LOG_F0_STD = 0.2  # taken where there are fewer
LOG_F0_STD_FLOOR = 0.02
MEL_STD_FLOOR = 0.1
SPEECH_RANGE_DB = 40.0


def utterance_statistics(frames: np.ndarray) -> dict[str, np.ndarray]:
    """Statistics of `frames` `[T, n_channels + 3]` (mel, log_f0, voicing, loudness_db), all float32.

    Returns:
        log_f0_mean, log_f0_std: scalars over voiced frames, ln Hz; with fewer than 10 of them the median of the
            interpolated contour, and a usual standard deviation.
        loudness_max_db: scalar, the 95th percentile.
        mel_mean, mel_std: `[n_channels]`; mel_cov: `[n_channels, n_channels]`; n_speech: how many frames they are
            over, those at most 40 dB below that percentile.

    Standard deviations have a floor, so that they can divide.
    """
    mel, log_f0, voicing, loudness = frames[:, :-3], frames[:, -3], frames[:, -2], frames[:, -1]
    voiced = log_f0[voicing >= VOICED]
    few = len(voiced) < MIN_VOICED
    loudest = np.percentile(loudness, 95)
    speech = mel[loudness >= loudest - SPEECH_RANGE_DB]
    centred = torch.from_numpy(speech - speech.mean(0))
    values = {
        "log_f0_mean": np.median(log_f0) if few else voiced.mean(dtype=np.float64),
        "log_f0_std": USUAL_LOG_F0_STD if few else max(voiced.std(dtype=np.float64), LOG_F0_STD_FLOOR),
        "loudness_max_db": loudest,
        "mel_mean": speech.mean(0, dtype=np.float64),
        "mel_cov": (centred.T @ centred / len(speech)).numpy(),
        "n_speech": len(speech),
        "mel_std": np.maximum(speech.std(0, dtype=np.float64), MEL_STD_FLOOR),
    }
    return {name: np.asarray(value, np.float32) for name, value in values.items()}
