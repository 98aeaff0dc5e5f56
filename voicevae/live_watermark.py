"""The watermark in a live stream, with no delay: the gains of `voicevae.watermark` as filters of minimum phase.

The frames of `watermark.embed_blocks` would make live speech 64 ms later. Each chip's gains are instead one FIR filter,
whose phase follows from its magnitude by the cepstrum (Oppenheim & Schafer, Discrete-Time Signal Processing, chapter on
homomorphic processing); neighbouring chips cross-fade. `watermark.score` finds it as well.
"""

from functools import lru_cache

import numpy as np

from voicevae import watermark

TAPS_S = 0.064
FADE_S = 0.016


class LiveMarker:
    """Marks one stream, float32 `[n]` at `rate` Hz; what comes out does not depend on the cuts between blocks."""

    def __init__(self, rate: int) -> None:
        self.taps, self.filters = _filters(rate)
        self.n_fft = 2 * (self.filters.shape[1] - 1)
        self.chip, self.fade = round(watermark.CHIP_S * rate), round(FADE_S * rate)
        self.held = np.zeros(self.taps - 1, np.float32)
        self.place = 0  # samples since the beginning, within a period

    def feed(self, block: np.ndarray) -> np.ndarray:
        """The same samples with the watermark, `[n]`."""
        made, start = [np.zeros(0, np.float32)], 0
        while start < len(block):
            n = min(self._until_next(), len(block) - start)
            made.append(self._piece(block[start : start + n]))
            start += n
        return np.concatenate(made)

    def _until_next(self) -> int:
        """Samples to the next chip, to the end of its fade, or to what a transform holds."""
        within = self.place % self.chip
        return min((self.fade if within < self.fade else self.chip) - within, self.n_fft - self.taps + 1)

    def _piece(self, block: np.ndarray) -> np.ndarray:
        sound = np.concatenate([self.held, block])
        self.held = sound[len(block) :]
        spectrum = np.fft.rfft(sound, self.n_fft)
        index, within = divmod(self.place, self.chip)
        made = self._filtered(spectrum, index, len(block))
        if within < self.fade:
            share = (within + np.arange(len(block))) / self.fade
            made = share * made + (1 - share) * self._filtered(spectrum, index - 1, len(block))
        self.place = (self.place + len(block)) % (self.chip * watermark.N_CHIPS)
        return made.astype(np.float32)

    def _filtered(self, spectrum: np.ndarray, index: int, n: int) -> np.ndarray:
        made = np.fft.irfft(spectrum * self.filters[index], self.n_fft)
        return made[self.taps - 1 : self.taps - 1 + n]


@lru_cache(maxsize=4)
def _filters(rate: int) -> tuple[int, np.ndarray]:
    """Taps of each filter, and the filters' spectra `[N_CHIPS, n_fft / 2 + 1]`."""
    taps = round(TAPS_S * rate)
    n_fft = 1 << (2 * taps - 1).bit_length()
    cepstrum = np.fft.irfft(np.log(watermark.gains(rate, n_fft // 2 + 1)), n_fft, axis=1)
    cepstrum[:, 1 : n_fft // 2] *= 2
    cepstrum[:, n_fft // 2 + 1 :] = 0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum, axis=1)), n_fft, axis=1)[:, :taps]
    return taps, np.fft.rfft(response * np.cos(np.linspace(0, np.pi / 2, taps)) ** 2, n_fft, axis=1)
