"""Samples in memory: arrays of any type as floating point, and checks that they can be speech.

Full scale is 1.
"""

import math
from numbers import Real
from typing import Any

import numpy as np

from voicevae.errors import AudioError, SilenceError

MIN_SECONDS = 0.1
SILENCE, FINE_SILENCE = 1e-4, 1e-6  # peak to peak: about three steps of 16-bit sound; and of finer sound
LOWEST_RATE, HIGHEST_RATE = 1000, 3_072_000  # Hz
LOUDEST = 100.0  # floating-point sound beyond it was never scaled to +-1


def as_numpy(wave: Any) -> np.ndarray:
    """A numpy array of a torch tensor, which is told by its methods so that torch need not be imported, or array."""
    if hasattr(wave, "detach") and hasattr(wave, "is_floating_point"):
        wave = wave.detach().cpu()
        wave = (wave.float() if wave.is_floating_point() else wave).numpy()
    try:
        return np.asarray(wave)
    except (ValueError, TypeError):
        raise AudioError("The samples are no array; give one NumPy array [n], or [n, channels].") from None


def columns(wave: Any) -> np.ndarray:
    """`[n, channels]` of an array or tensor, in which time is the longer axis."""
    array = as_numpy(wave)
    if array.ndim not in (1, 2):
        shape = list(array.shape)
        raise AudioError(f"The array has shape {shape}; give samples as [n], [channels, n] or [n, channels].")
    if array.ndim == 1:
        return array[:, None]
    return array.T if array.shape[0] < array.shape[1] else array


def to_float(block: np.ndarray) -> np.ndarray:
    """Full scale becomes 1: uint8 is centred on 128, int16 and int32 on 0. Any byte order will do."""
    kind = block.dtype.newbyteorder("=")
    if kind == np.uint8:
        return (block.astype(np.float32) - 128) / 128
    if kind in (np.int16, np.int32):
        return block.astype(np.float32) / -float(np.iinfo(kind).min)
    if np.issubdtype(kind, np.floating):
        with np.errstate(over="ignore"):  # becomes infinite, and is then refused as such
            return block.astype(np.float32)
    raise AudioError(f"An array of {kind} is no sound; give floating point, uint8, int16 or int32.")


def check_rate(rate: Any, name: str) -> None:
    """Raise `AudioError` unless `rate` is a number of Hz at which there can be speech."""
    if isinstance(rate, bool) or not (isinstance(rate, Real) and 0 < float(rate) < float("inf")):
        raise AudioError(f"{name} needs its sample rate in Hz, a positive number, but {rate!r} was given.")
    if not LOWEST_RATE <= float(rate) <= HIGHEST_RATE:
        raise AudioError(
            f"{name} has a sample rate of {float(rate):g} Hz; give speech at {LOWEST_RATE} to {HIGHEST_RATE} Hz."
        )


def check(wave: np.ndarray, sample_rate: int, name: str, silence: float = FINE_SILENCE) -> None:
    """Raise `AudioError` where a mono wave `[n]` is no speech: empty, not finite, silent, shorter than 0.1 s."""
    if len(wave) == 0:
        raise AudioError(f"{name} holds no samples; give a recording with speech in it.")
    check_range(float(wave.min()), float(wave.max()), name, silence)
    if len(wave) < MIN_SECONDS * sample_rate:
        length = math.floor(10_000 * len(wave) / sample_rate) / 10  # never "100 ms, give at least 100 ms"
        raise AudioError(f"{name} is {length:g} ms long; give at least {1000 * MIN_SECONDS:g} ms of speech.")


def check_range(low: float, high: float, name: str, silence: float) -> None:
    """Raise `AudioError` where the lowest and the highest sample are not of speech; `silence` is peak to peak."""
    check_finite(low, high, name)
    if high - low < silence:
        raise SilenceError(f"{name} holds nothing but silence; give a recording with speech in it.")
    check_scale(low, high, name)


def check_finite(low: float, high: float, name: str) -> None:
    """Raise `AudioError` where the lowest or the highest sample is NaN or infinite."""
    if not (np.isfinite(low) and np.isfinite(high)):
        raise AudioError(f"{name} holds NaN or infinite samples; export it again from where it was made.")


def check_scale(low: float, high: float, name: str) -> None:
    """Raise `AudioError` where samples lie far beyond +-1."""
    if (peak := max(-low, high)) > LOUDEST:
        raise AudioError(f"{name} has a peak of {peak:.3g}; scale floating-point samples to lie within +-1.")
