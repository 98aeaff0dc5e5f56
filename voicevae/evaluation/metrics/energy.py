"""Energy error: measured less requested level.

The level is the RMS over speech, the frames of the source within 30 dB of its loudest; the error is the measured change
of level minus the requested one, in dB.
"""

from collections.abc import Sequence

import numpy as np

FRAME_S = 0.025
SPEECH_RANGE_DB = 30.0


def validate(source: np.ndarray, output: np.ndarray) -> None:
    """Raise ValueError unless both waves are `[n]`, of the same length, finite, and hold sound."""
    if np.shape(source) != np.shape(output) or np.ndim(source) != 1:
        raise ValueError("Source and output must have the same shape [n].")
    for wave in (source, output):
        if not np.isfinite(wave).all() or not np.any(wave):
            raise ValueError("Waves must be finite and hold sound.")


def speech_frames(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """`[F]` bool: which frames of 25 ms of `wave` `[n]` are within 30 dB of the loudest."""
    power = frame_power(wave, sample_rate)
    return power > power.max() * 10 ** (-SPEECH_RANGE_DB / 10)


def change_db(source: np.ndarray, output: np.ndarray, sample_rate: int) -> float:
    """Level of `output` over that of `source`, both `[n]`, in dB, over the source's speech."""
    validate(source, output)
    speech = speech_frames(source, sample_rate)
    power = [np.mean(frame_power(wave, sample_rate)[speech]) for wave in (output, source)]
    return float(10 * np.log10(max(power[0], 1e-20) / power[1]))


def evaluate(changes_db: Sequence[float], requested_db: float) -> dict[str, float]:
    """Mean and largest abs(measured - requested), and the mean of measured - requested, all in dB."""
    errors = np.asarray(changes_db, float) - requested_db
    return {
        "mean_abs_db": float(np.abs(errors).mean()),
        "max_abs_db": float(np.abs(errors).max()),
        "bias_db": float(errors.mean()),
    }


def frame_power(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mean square of each frame of 25 ms of `wave` `[n]`: `[F]`."""
    length = max(round(FRAME_S * sample_rate), 1)
    n = len(wave) // length or 1
    return np.array([np.mean(np.square(frame, dtype=np.float64)) for frame in np.array_split(wave[: n * length], n)])
