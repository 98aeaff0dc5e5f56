"""Removal of offset and gain before features are measured, so that they depend on neither."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

OFFSET_HZ = 8.0  # slower parts are offset; low enough to keep the rumble of a room
OFFSET_S = 0.5  # length of the low-pass filter
STILL_S = 0.05  # of equal samples: digital silence, which stays so
LEAST_WEIGHT = 0.25  # of the filter on sound; where less of it lies on sound, the offset is nearer to that of silence
BLOCK = (1 << 17) - 8000  # samples at a time; a power of two with the reach of the filter at 16 kHz
AUDIBLE = 1e-6  # of the loudest piece's power; softer pieces (digital silence) do not count
FAINTEST = 1e-14  # mean power of loud pieces: rounding errors of an offset


def offset(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """The part of `wave` `[n]` slower than `OFFSET_HZ`, float32 `[n]`, by a filter without delay; both ends are
    mirrored. A constant is found exactly, and digital silence is all offset: it neither rings nor counts beside it."""
    slow = np.empty(len(wave), np.float32)
    for start, found in _offsets(wave, sample_rate):
        slow[start : start + len(found)] = found
    return slow


def remove_offset(wave: np.ndarray, sample_rate: int) -> None:
    """Subtract `offset` from `wave` `[n]`, float32, in place."""
    last, behind = 0, np.zeros(0)  # one block behind, as the filter reaches back into what came before
    for start, found in _offsets(wave, sample_rate):
        wave[last : last + len(behind)] -= behind.astype(np.float32)
        last, behind = start, found
    wave[last : last + len(behind)] -= behind.astype(np.float32)


def _offsets(wave: np.ndarray, sample_rate: int) -> Iterator[tuple[int, np.ndarray]]:
    """First sample of each block, and its offset; what it reads of `wave` begins within the block before."""
    kernel, still_samples = _low_pass(sample_rate), round(STILL_S * sample_rate)
    reach = len(kernel) // 2
    size = BLOCK + 2 * reach
    response = np.fft.rfft(kernel, size)

    def filtered(samples: np.ndarray) -> np.ndarray:
        return np.fft.irfft(np.fft.rfft(samples, size) * response, size)[2 * reach : len(samples)]

    inside = slice(reach, -reach)
    for start in range(0, len(wave), BLOCK):
        part = _mirrored(wave, start - reach, min(start + BLOCK, len(wave)) + reach).astype(np.float64)
        still = _still(part, still_samples)
        if still.any():  # the mean is that of the samples that sound, weighted by the filter
            place = np.flatnonzero(still)
            held = np.interp(np.arange(len(part)), place, part[place])
            weight = np.maximum(filtered(~still), LEAST_WEIGHT)
            found = np.where(still, part, held)[inside] + ~still[inside] * filtered(part - held) / weight
        else:
            found = filtered(part)
        yield start, found


def gain(wave: np.ndarray, n: int, level_db: float) -> np.float32:
    """Gain of `wave` `[m]` that brings its loud pieces, of `n` samples, to `level_db` of full scale; 1 for digital
    silence."""
    whole = wave[: len(wave) // n * n] if len(wave) >= n else wave
    pieces = whole.reshape(-1, min(n, len(wave)))
    power = np.einsum("ij,ij->i", pieces, pieces, dtype=np.float64) / pieces.shape[1]
    loud = np.percentile(power[power >= AUDIBLE * power.max()], 95)
    return np.float32(np.sqrt(10 ** (level_db / 10) / loud) if loud > FAINTEST else 1.0)


@lru_cache(maxsize=4)
def _low_pass(sample_rate: int) -> np.ndarray:
    """A sinc under a Blackman window, `[2 * m + 1]`, whose sum is 1."""
    reach = round(OFFSET_S / 2 * sample_rate)
    time = np.arange(-reach, reach + 1) / sample_rate
    kernel = np.sinc(2 * OFFSET_HZ * time) * np.blackman(2 * reach + 1)
    return kernel / kernel.sum()


def _still(wave: np.ndarray, n: int) -> np.ndarray:
    """Where in `wave` `[m]` at least `n` equal samples follow one another, bool `[m]`."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(wave)) + 1, [len(wave)]])
    lengths = np.diff(edges)
    return np.repeat(lengths >= n, lengths)


def _mirrored(wave: np.ndarray, first: int, last: int) -> np.ndarray:
    """Samples `first` to `last` of `wave` mirrored at both ends."""
    if first >= 0 and last <= len(wave):
        return wave[first:last]
    period = max(2 * (len(wave) - 1), 1)
    place = np.arange(first, last) % period
    return wave[np.minimum(place, period - place)]
