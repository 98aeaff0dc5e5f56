"""Griffin-Lim: no weights and no F0; a wave of any log-mel, at the mel's own rate."""

from typing import Any

import numpy as np

from voicevae.features.foreign_mel import convert_mel
from voicevae.features.foreign_spectrum import spectrum, unlog
from voicevae.features.mel_config import MelConfig
from voicevae.features.stft import hann, istft, stft, weight

MOMENTUM = np.float32(0.99)
LEAST = np.float32(1e-16)  # keeps a magnitude of nothing from dividing


class GriffinLim:
    """A `MelVocoder` without weights: a spectrum that has these bands, with phases by fast Griffin-Lim."""

    def __init__(self, mel_config: MelConfig, n_iterations: int = 60) -> None:
        self.mel_config, self.n_iterations = mel_config, n_iterations

    def __call__(self, mel: Any, config: MelConfig | None = None) -> np.ndarray:
        own = self.mel_config
        found = convert_mel(mel, config or own, own)
        density = spectrum(unlog(found, own), own)
        power = density * np.float32(own.sample_rate) * np.square(hann(own.win_length)).sum()
        wave = wave_of(np.sqrt(power), own, self.n_iterations)
        if own.padding == "center":
            return wave
        before = own.hop_length // 2  # the first frame stands there
        return np.pad(wave, (before, own.hop_length - before))


def wave_of(magnitude: np.ndarray, config: MelConfig, n_iterations: int) -> np.ndarray:
    """Wave `[(T - 1) * hop_length]` whose STFT has about this `magnitude` `[T, n_fft // 2 + 1]`.

    Fast Griffin-Lim (Perraudin, Balazs & Søndergaard, 2013), from zero phase; the momentum is librosa's.
    """
    sizes = (config.win_length, config.hop_length, config.n_fft)
    n_frames, middle = len(magnitude), config.win_length // 2
    inside = slice(middle, middle + (n_frames - 1) * config.hop_length)
    norm = weight(n_frames, *sizes[:2])[inside]

    def wave(phase: np.ndarray) -> np.ndarray:
        return istft(magnitude * phase, *sizes)[inside] / norm

    # Zero phase refers to the first of the `n_fft` samples, our transform to the first of the window.
    late = (config.n_fft - config.win_length) // 2
    turn = np.exp(2j * np.pi * np.arange(magnitude.shape[1]) * late / config.n_fft).astype(np.complex64)
    phase, before = np.broadcast_to(turn, magnitude.shape), np.zeros((), np.complex64)
    for _ in range(n_iterations):
        found = stft(np.pad(wave(phase), middle, mode="reflect"), n_frames, *sizes)
        step = found - MOMENTUM / (1 + MOMENTUM) * before
        phase, before = step / (np.abs(step) + LEAST), found
    return wave(phase)
