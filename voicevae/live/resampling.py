"""Resampling of a stream with a delay of a millisecond or two, where that of a file waits for some 37.

A polyphase filter: a sinc under a Kaiser window, cut off below both Nyquist frequencies (Smith & Gossett, A Flexible
Sampling-Rate Conversion Method, ICASSP 1984).
"""

from math import gcd

import numpy as np

ZEROS = 16  # of the sinc on each side: its delay, in samples of the lower rate
BETA = 7.0  # of the Kaiser window: 70 dB
CUTOFF = 0.9  # of the lower Nyquist frequency
MOST_PHASES = 1024  # of filters; of rates whose ratio needs more, the nearest phase is taken


class Resampler:
    """One stream from `rate` to `out_rate`, Hz; the samples do not depend on how it is cut into blocks."""

    def __init__(self, rate: int, out_rate: int) -> None:
        common = gcd(rate, out_rate)
        self.up, self.down = out_rate // common, rate // common
        scale = min(1.0, out_rate / rate)
        self.reach = int(np.ceil(ZEROS / scale))  # samples on each side
        self.filters = _filters(min(self.up, MOST_PHASES), self.reach, CUTOFF * scale)
        self.held = np.zeros(2 * self.reach, np.float32)
        self.place = 0  # of the next output after the first sample held, in steps of 1 / up samples
        self.delay_s = self.reach / rate

    def feed(self, wave: np.ndarray) -> np.ndarray:
        """The samples that `wave` `[n]` completes, float32, `delay_s` late."""
        sound = np.concatenate([self.held, wave])
        width = 2 * self.reach + 1
        count = max(-(-((len(sound) - width + 1) * self.up - self.place) // self.down), 0)
        places = self.place + self.down * np.arange(count)
        first, phase = places // self.up, places % self.up
        nearest = phase if len(self.filters) == self.up else phase * len(self.filters) // self.up
        if count:
            runs = np.lib.stride_tricks.sliding_window_view(sound, width)[first]
            made = (runs * self.filters[nearest]).sum(1)
        else:
            made = np.zeros(0, np.float32)
        self.place += self.down * count
        used = min(self.place // self.up, len(sound))
        self.place -= used * self.up
        self.held = sound[used:]
        return made


def _filters(phases: int, reach: int, cutoff: float) -> np.ndarray:
    """One filter a phase, `[phases, 2 * reach + 1]`, float32; `cutoff` is a share of the Nyquist frequency."""
    time = np.arange(-reach, reach + 1) - np.arange(phases)[:, None] / phases
    window = np.i0(BETA * np.sqrt(np.maximum(1 - np.square(time / (reach + 1)), 0))) / np.i0(BETA)
    taps = cutoff * np.sinc(cutoff * time) * window
    return (taps / taps.sum(1, keepdims=True)).astype(np.float32)
