"""Spectral losses between waves."""

import torch
from torch import Tensor, nn

from voicevae.features import FeatureConfig
from voicevae.features.mel import mel_filters
from voicevae.training.devices import joint

LOUDNESS_WINDOW, LOUDNESS_HOP = 512, 128  # 32 ms at 16 kHz, as in PESQ
LOUDNESS_BANDS = 42
LOUDNESS_POWER = 0.23  # Zwicker's exponent of specific loudness
THRESHOLD = 1e-6  # of the speech's power: quieter bands are not heard
RESOLUTIONS = ((256, 64), (512, 128), (1024, 256), (2048, 512))  # window, hop in samples
FLOOR = 1e-5  # of amplitude; -100 dB


class SpectralLoss(nn.Module):
    """Spectral convergence and log-magnitude loss at several resolutions (Yamamoto et al., 2020, eq. 3-6),
    the L1 loss of ordinary log-mels, and that of specific loudness: power in Bark bands to the power .23 (Zwicker &
    Fastl, Psychoacoustics, section 8.7), over the mean loudness, so that what is heard weighs most.

    Shape: `made`, `real` `[B, n]`, at an RMS of .1. Returns the parts, each a scalar; their sum is the loss. `share` is
    how many items these are over the mean of how many each device has.
    """

    filters: Tensor
    bark: Tensor

    def __init__(self, features: FeatureConfig) -> None:
        super().__init__()
        self.features = features
        for window in {LOUDNESS_WINDOW, *(window for window, _ in RESOLUTIONS)}:
            self.register_buffer(f"window_{window}", torch.hann_window(window), persistent=False)
        self.register_buffer("filters", torch.from_numpy(mel_filters(features)), persistent=False)
        self.register_buffer("bark", bark_filters(features.sample_rate), persistent=False)

    def forward(self, made: Tensor, real: Tensor, share: float | Tensor = 1.0) -> dict[str, Tensor]:
        """See the class: each part by its name."""
        convergence = made.new_zeros(())
        log_magnitude = made.new_zeros(())
        for window, hop in RESOLUTIONS:
            a, b = (self._magnitude(wave, window, hop) for wave in (made, real))
            distance = (a - b).square().sum((1, 2)).sqrt() / b.square().sum((1, 2)).sqrt().clamp_min(1e-3)
            convergence = convergence + distance.mean() / len(RESOLUTIONS)
            log_magnitude = log_magnitude + (a.log() - b.log()).abs().mean() / len(RESOLUTIONS)
        a, b = (self._magnitude(wave, self.features.n_fft, self.features.hop_length) for wave in (made, real))
        mel = ((a.transpose(1, 2) @ self.filters).log() - (b.transpose(1, 2) @ self.filters).log()).abs().mean()
        a, b = (self._loudness(wave) for wave in (made, real))
        loudness = share * (a - b).abs().mean() / joint(share * b.mean())
        parts = {"convergence": convergence, "log_magnitude": log_magnitude, "mel": mel}
        return {**{name: share * part for name, part in parts.items()}, "loudness": loudness}

    def _loudness(self, wave: Tensor) -> Tensor:
        power = self._magnitude(wave, LOUDNESS_WINDOW, LOUDNESS_HOP).square() / (LOUDNESS_WINDOW * 0.1**2)
        return (power.transpose(1, 2) @ self.bark + THRESHOLD) ** LOUDNESS_POWER - THRESHOLD**LOUDNESS_POWER

    def _magnitude(self, wave: Tensor, window: int, hop: int) -> Tensor:
        shape = getattr(self, f"window_{window}")
        return torch.stft(wave, window, hop, window=shape, return_complex=True).abs().clamp_min(FLOOR)


def bark_filters(sample_rate: int) -> Tensor:
    """Triangles of unit area, equally spaced in Bark (Traunmueller, 1990), `[bins, LOUDNESS_BANDS]`."""
    bins_hz = torch.linspace(0, sample_rate / 2, LOUDNESS_WINDOW // 2 + 1)
    bark = 26.81 * bins_hz / (1960 + bins_hz) - 0.53
    centres = torch.linspace(float(bark[0]), float(bark[-1]), LOUDNESS_BANDS)
    width = torch.maximum(centres[1] - centres[0], torch.diff(bark, append=bark[-1:]).clamp_min(1e-3))
    filters = (1 - (bark[:, None] - centres).abs() / width[:, None]).clamp_min(0)
    return filters / filters.sum(0).clamp_min(1e-6)
