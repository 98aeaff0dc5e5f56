"""Griffin-Lim for mels of any configuration, at its own rate."""

from typing import Any

import numpy as np
import torch
import torchaudio

from voicevae.features.foreign_mel import convert_mel
from voicevae.features.foreign_spectrum import spectrum, unlog
from voicevae.features.mel_config import MelConfig


class MelGriffinLim:
    """A `MelVocoder` without weights: a spectrum that has these bands, with phases by fast Griffin-Lim
    (Perraudin et al., 2013)."""

    def __init__(self, mel_config: MelConfig, n_iterations: int = 60) -> None:
        self.mel_config, self.n_iterations = mel_config, n_iterations

    def __call__(self, mel: Any, config: MelConfig | None = None) -> np.ndarray:
        own = self.mel_config
        found = torch.from_numpy(convert_mel(mel, config or own, own))
        window = torch.hann_window(own.win_length)
        power = spectrum(unlog(found, own), own) * own.sample_rate * window.square().sum()
        wave = torchaudio.functional.griffinlim(
            power.T.sqrt(),
            window,
            own.n_fft,
            own.hop_length,
            own.win_length,
            power=1.0,
            n_iter=self.n_iterations,
            momentum=0.99,
            length=None,
            rand_init=False,
        ).numpy()
        if own.padding == "center":
            return wave
        before = own.hop_length // 2  # the first frame stands there
        return np.pad(wave, (before, own.hop_length - before))
