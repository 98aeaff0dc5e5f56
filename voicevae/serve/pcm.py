"""Mono samples as the bytes of a live socket: little-endian int16, full scale 32768, or float32."""

from typing import Any, Literal

import numpy as np

from voicevae.errors import AudioError

Format = Literal["int16", "float32"]
TYPES: dict[Format, np.dtype[Any]] = {"int16": np.dtype("<i2"), "float32": np.dtype("<f4")}
FULL_SCALE = 32768


def decoded(data: bytes, kind: Format) -> np.ndarray:
    """Bytes as float32 `[n]`.

    Raises:
        AudioError: they are no whole number of samples.

    >>> decoded(bytes([0, 64, 0, 128]), "int16")
    array([ 0.5, -1. ], dtype=float32)
    """
    size = TYPES[kind].itemsize
    if len(data) % size:
        raise AudioError(
            f"A block of {len(data)} bytes is no whole number of {kind} samples; send {size} bytes for each."
        )
    samples = np.frombuffer(data, TYPES[kind])
    return samples.astype(np.float32) / FULL_SCALE if kind == "int16" else samples.astype(np.float32)


def encoded(wave: np.ndarray, kind: Format) -> bytes:
    """Samples `[n]` as bytes; int16 is clipped."""
    if kind == "int16":
        wave = np.clip(np.rint(wave * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return wave.astype(TYPES[kind]).tobytes()
