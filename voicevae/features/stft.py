"""Short-time Fourier transform and its inverse, with frames before bins, so that nothing is transposed."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

BLOCK_FRAMES = 100  # fits a processor's cache: three times as quick as all frames of ten seconds at once


def blocks(n_frames: int) -> Iterator[slice]:
    """Spans of at most `BLOCK_FRAMES` frames, one after another."""
    for start in range(0, n_frames, BLOCK_FRAMES):
        yield slice(start, min(start + BLOCK_FRAMES, n_frames))


@lru_cache(maxsize=8)
def hann(n: int) -> np.ndarray:
    """Periodic Hann window `[n]`, float32."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)


def square_of(spectrum: np.ndarray) -> np.ndarray:
    """Squared magnitude of `spectrum` `[...]`, float32."""
    return (np.square(spectrum.real) + np.square(spectrum.imag)).astype(np.float32, copy=False)


def runs(array: np.ndarray, n: int, length: int, hop: int = 1) -> np.ndarray:
    """View `[..., n, length]` of a contiguous `array` `[..., m]`: runs of its last axis, `hop` apart.

    numpy's `sliding_window_view` costs a live stream more than its spectra do.
    """
    *before, step = array.strides
    return np.ndarray((*array.shape[:-1], n, length), array.dtype, array, 0, (*before, hop * step, step))


def stft(wave: np.ndarray, n_frames: int, win_length: int, hop_length: int, n_fft: int) -> np.ndarray:
    """Spectra `[n_frames, n_fft // 2 + 1]` of `wave` `[n]`: the window of frame `t` begins at sample `t * hop_length`,
    to which phases refer."""
    frames = np.zeros((n_frames, n_fft), np.float32)
    np.multiply(runs(wave, n_frames, win_length, hop_length), hann(win_length), out=frames[:, :win_length])
    return np.fft.rfft(frames).astype(np.complex64, copy=False)


def istft(spectrum: np.ndarray, win_length: int, hop_length: int, n_fft: int) -> np.ndarray:
    """Windowed frames of `spectrum` `[T, n_fft // 2 + 1]`, added up where they stand in `stft`: float32
    `[(T + parts) * hop_length]`, where a window has `parts` hops. To be divided by `weight`."""
    return overlap_add(np.fft.irfft(spectrum, n_fft)[:, :win_length] * hann(win_length), hop_length)


def weight(n_frames: int, win_length: int, hop_length: int) -> np.ndarray:
    """Sum of the squared windows of `n_frames` (Griffin & Lim, 1984, eq. 6), as long as their `istft`."""
    return overlap_add(np.broadcast_to(np.square(hann(win_length)), (n_frames, win_length)), hop_length)


def overlap_add(frames: np.ndarray, hop_length: int) -> np.ndarray:
    """Sum of frames `[T, win_length]`, a hop apart: float32 `[(T + parts) * hop_length]`."""
    n_frames, length = frames.shape
    parts = -(-length // hop_length)
    total = np.zeros((n_frames + parts, hop_length), np.float32)
    for part in range(parts):
        piece = frames[:, part * hop_length : (part + 1) * hop_length]
        total[part : part + n_frames, : piece.shape[1]] += piece
    return total.ravel()
