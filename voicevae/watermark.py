"""An inaudible watermark in speech, detected without the original: spread spectrum on the log-magnitude spectrum.

Time and frequency are divided into cells of 128 ms by 47 Hz between 0.4 and 3.4 kHz; a keyed sequence of signs,
repeated every 4.1 s, raises or lowers each by 1.5 dB. The level of a cell above its neighbours in frequency depends on
the speech, but summed with the key's signs over some thousand cells the watermark stands out. A search over the offset
in time makes it robust to cropping; ratios of levels make it robust to gain. (The idea: Kirovski and Malvar, 2003,
"Spread-spectrum watermarking of audio signals".)

The key is public, as all of this project: the watermark says where speech is from if nobody tried to hide it.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from voicevae.errors import AudioError

KEY = b"voicevae watermark 1"
DEPTH_DB = 1.5
HOP_S = 0.032  # of the filter's frames, which are two hops long
CHIP_S, N_CHIPS = 0.128, 32
LOW_HZ, BAND_HZ, N_BANDS = 406.25, 46.875, 64
BLOCK = 1 << 16  # samples at a time

RATE = 16000  # the detector's
WINDOW, STEP = 1024, 256  # samples, so three bins a band, and eight frames a chip
FRAMES = round(CHIP_S * RATE / STEP)
NEIGHBOURS = 9  # bands
FLOOR = 1e-6  # of the mean power; softer cells count as equally soft
LARGEST_DB = 3.0  # larger residuals are clipped
FALSE_ALARMS = 1e-6
# Hoeffding: for a sound that does not know the key, the score at one offset exceeds t with probability exp(-t^2 / 2)
# at most, whatever the sound.
THRESHOLD = math.sqrt(2 * math.log(FRAMES * N_CHIPS / FALSE_ALARMS))


def embed(wave: np.ndarray, rate: int) -> np.ndarray:
    """`wave` `[n]` at `rate` Hz with the watermark: float32 `[n]`. The peak may grow by some tenths of a dB."""
    return np.concatenate([np.zeros(0, np.float32), *embed_blocks([np.asarray(wave)], rate)])


def embed_blocks(blocks: Iterable[np.ndarray], rate: int) -> Iterator[np.ndarray]:
    """The blocks `[m]` of one wave with the watermark, in bounded memory; the output blocks have other boundaries.

    Raises:
        AudioError: a block is not mono.
    """
    marker = _Marker(rate)
    owed = 0
    for block in blocks:
        _check_mono(np.asarray(block))
        for start in range(0, len(block), BLOCK):
            part = np.asarray(block[start : start + BLOCK], np.float32)
            owed += len(part)
            out = marker.feed(part)
            owed -= len(out)
            yield out
    yield marker.feed(np.zeros(2 * marker.hop, np.float32))[:owed]


def gains(rate: int, n_bins: int) -> np.ndarray:
    """The gain of each chip at `n_bins` frequencies from 0 to rate / 2, `[N_CHIPS, n_bins]`; 1 outside its bands."""
    band = np.floor((np.arange(n_bins) * rate / (2 * n_bins - 2) - LOW_HZ) / BAND_HZ).astype(int)
    inside = (band >= 0) & (band < N_BANDS)
    gains = np.ones((N_CHIPS, n_bins))
    gains[:, inside] = 10 ** (DEPTH_DB / 20 * _signs()[:, band[inside]])
    return gains


def detect(wave: np.ndarray, rate: int) -> bool:
    """Whether `wave` `[n]` at `rate` Hz carries the watermark; the probability of a false alarm is at most 1e-6."""
    return score(wave, rate) > THRESHOLD


def score(wave: np.ndarray, rate: int) -> float:
    """The correlation with the key at the best offset in time, in standard deviations of chance.

    Args:
        wave: float `[n]`. rate: in Hz.

    Raises:
        AudioError: it is not mono, empty or not finite.

    Returns:
        About 3 without the watermark, and at most `THRESHOLD` except for 1e-6 of all files; with it, the more the
            longer the speech.
    """
    wave = np.asarray(wave, np.float32)
    _check_mono(wave)
    if not wave.size or not np.isfinite(wave).all():
        raise AudioError("A wave that is empty, or holds NaN or infinity, cannot be searched for a watermark.")
    return _best(_fold(wave if rate == RATE else soxr.resample(wave, rate, RATE)), _signs())


def _best(folded: np.ndarray, signs: np.ndarray) -> float:
    """The largest correlation over all offsets, each divided by its standard deviation for random signs."""
    chips = np.sum([np.roll(folded, -shift, axis=0) for shift in range(FRAMES)], axis=0)  # that begin at each frame
    key = np.conj(np.fft.rfft(signs, axis=0))
    best = 0.0
    for phase in range(FRAMES):
        seen = chips[phase::FRAMES]
        norm = float(np.sqrt((seen**2).sum()))
        if norm > 0:
            found = np.fft.irfft(key * np.fft.rfft(seen, axis=0), N_CHIPS, axis=0).sum(1)
            best = max(best, float(found.max()) / norm)
    return best


def _check_mono(wave: np.ndarray) -> None:
    if wave.ndim != 1:
        raise AudioError(f"A wave of shape {list(wave.shape)} can have no watermark; give mono, [n].")


class _Marker:
    """The time-varying filter: a sine window before and after, frames half overlapped, gains in frequency between."""

    def __init__(self, rate: int) -> None:
        self.rate, self.hop = rate, max(round(HOP_S * rate), 1)
        self.window = np.sin(np.pi * (np.arange(2 * self.hop) + 0.5) / (2 * self.hop))
        self.gains = gains(rate, self.hop + 1)
        self.pending, self.tail = np.zeros(self.hop), np.zeros(self.hop)
        self.n_frames, self.skip = 0, self.hop

    def feed(self, block: np.ndarray) -> np.ndarray:
        """The samples that are done, less the first hop, which lies before the wave."""
        samples = np.concatenate([self.pending, block])
        count = len(samples) // self.hop - 1
        if count < 1:
            self.pending = samples
            return np.zeros(0, np.float32)
        self.pending = samples[count * self.hop :]
        frames = np.lib.stride_tricks.sliding_window_view(samples, 2 * self.hop)[:: self.hop][:count]
        spectrum = np.fft.rfft(frames * self.window, axis=1)
        centre_s = (self.n_frames + np.arange(count)) * self.hop / self.rate
        chip = np.floor(centre_s / CHIP_S + 1e-6).astype(int) % N_CHIPS
        spectrum *= self.gains[chip]
        frames = np.fft.irfft(spectrum, 2 * self.hop, axis=1) * self.window
        out = frames[:, : self.hop] + np.vstack([self.tail, frames[:-1, self.hop :]])
        self.tail = frames[-1, self.hop :]
        self.n_frames += count
        out, self.skip = out.ravel()[self.skip :], max(self.skip - out.size, 0)
        return out.astype(np.float32)


def _fold(wave: np.ndarray) -> np.ndarray:
    """Levels of bands above their neighbours, dB, summed over all periods: `[FRAMES * N_CHIPS, N_BANDS]`."""
    padded = np.pad(wave, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP]
    window = np.hanning(WINDOW + 1)[:-1]
    floor = max(FLOOR * float(np.mean(np.square(wave), dtype=np.float64)) * float((window**2).sum()), 1e-20)
    period = FRAMES * N_CHIPS
    folded, seen = np.zeros((period, N_BANDS)), np.zeros((period, 1))
    for start in range(0, len(frames), period):
        part = _residuals(frames[start : start + period] * window, floor)
        folded[: len(part)] += part
        seen[: len(part)] += 1
    return folded - seen * (folded.sum(0) / seen.sum())  # removes what a recording has in all periods


def _residuals(frames: np.ndarray, floor: float) -> np.ndarray:
    low, width = round(LOW_HZ * WINDOW / RATE), round(BAND_HZ * WINDOW / RATE)
    power = np.abs(np.fft.rfft(frames, axis=1)[:, low : low + width * N_BANDS]) ** 2
    level = (10 * np.log10(power + floor)).reshape(len(frames), N_BANDS, width).mean(2)
    around = np.pad(level, ((0, 0), (NEIGHBOURS // 2, NEIGHBOURS // 2)), mode="edge")
    mean = np.lib.stride_tricks.sliding_window_view(around, NEIGHBOURS, axis=1).mean(-1)
    return np.clip(level - mean, -LARGEST_DB, LARGEST_DB)


def _signs() -> np.ndarray:
    """The key's signs `[N_CHIPS, N_BANDS]`, +1 or -1."""
    digest = hashlib.shake_256(KEY).digest(N_CHIPS * N_BANDS // 8)
    return 2.0 * np.unpackbits(np.frombuffer(digest, np.uint8)).reshape(N_CHIPS, N_BANDS) - 1
