"""Griffin-Lim: no weights and no F0; a wave of any log-mel, at the mel's own rate."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from voicevae.features.foreign_mel import convert_mel
from voicevae.features.foreign_spectrum import spectrum, unlog
from voicevae.features.mel_config import MelConfig

MOMENTUM = 0.99
LEAST = 1e-16  # keeps a magnitude of nothing from dividing


class GriffinLim:
    """A `MelVocoder` without weights: a spectrum that has these bands, with phases by fast Griffin-Lim."""

    def __init__(self, mel_config: MelConfig, n_iterations: int = 60) -> None:
        self.mel_config, self.n_iterations = mel_config, n_iterations

    def __call__(self, mel: Any, config: MelConfig | None = None) -> np.ndarray:
        own = self.mel_config
        found = torch.from_numpy(convert_mel(mel, config or own, own))
        window = torch.hann_window(own.win_length)
        power = spectrum(unlog(found, own), own) * own.sample_rate * window.square().sum()
        wave = wave_of(power.sqrt(), own, self.n_iterations).numpy()
        if own.padding == "center":
            return wave
        before = own.hop_length // 2  # the first frame stands there
        return np.pad(wave, (before, own.hop_length - before))


def wave_of(magnitude: Tensor, config: MelConfig, n_iterations: int) -> Tensor:
    """Wave `[(T - 1) * hop_length]` whose STFT has about this `magnitude` `[T, n_fft // 2 + 1]`.

    Fast Griffin-Lim (Perraudin, Balazs & Søndergaard, 2013), from zero phase; the momentum is librosa's.
    """
    window = torch.hann_window(config.win_length, device=magnitude.device)
    sizes: dict[str, Any] = {"n_fft": config.n_fft, "hop_length": config.hop_length, "win_length": config.win_length}
    sizes["window"] = window
    target = magnitude.T
    phase, before = torch.ones_like(target, dtype=torch.complex64), torch.zeros(())
    for _ in range(n_iterations):
        found = torch.stft(torch.istft(target * phase, **sizes), **sizes, return_complex=True)
        step = found - MOMENTUM / (1 + MOMENTUM) * before
        phase, before = step / (step.abs() + LEAST), found
    return torch.istft(target * phase, **sizes)
