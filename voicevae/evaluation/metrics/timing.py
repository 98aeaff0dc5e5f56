"""Timing error: measured against requested duration.

Two durations are held against the request: that of the file, and that of the speech in it, from the first to the last
voiced frame, which padding or cutting off cannot make right. Errors are in percent of the requested duration.
"""

from collections.abc import Sequence

import numpy as np


def validate(requested_s: float, measured_s: float) -> None:
    """Raise ValueError unless durations, in seconds, are finite, the requested one positive, the other not negative."""
    if not (np.isfinite([requested_s, measured_s]).all() and requested_s > 0 and measured_s >= 0):
        raise ValueError(f"Durations must be positive, not {requested_s} and {measured_s} seconds.")


def error_percent(requested_s: float, measured_s: float) -> float:
    """abs(measured / requested - 1) in percent."""
    validate(requested_s, measured_s)
    return 100 * abs(measured_s / requested_s - 1)


def speech_s(voiced: np.ndarray, frame_rate: float) -> float:
    """Seconds from the first to the last voiced frame of `voiced` `[T]`, both included; 0 where there is none."""
    frames = np.flatnonzero(voiced)
    return float(frames[-1] - frames[0] + 1) / frame_rate if len(frames) else 0.0


def evaluate(durations: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Mean and largest error in percent of all (requested, measured) durations in seconds."""
    errors = [error_percent(*pair) for pair in durations]
    return {"mean_percent": float(np.mean(errors)), "max_percent": float(np.max(errors))}
