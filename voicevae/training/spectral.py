"""Spectral losses between waves."""

import torch
from torch import Tensor, nn

from voicevae.features import FeatureConfig
from voicevae.features.mel import mel_filters

RESOLUTIONS = ((256, 64), (512, 128), (1024, 256), (2048, 512))  # window, hop in samples
FLOOR = 1e-5  # of amplitude; -100 dB


class MultiResolutionSTFT(nn.Module):
    """Spectral convergence and log-magnitude distance at several resolutions (Yamamoto et al., 2020, eq. 3-6),
    and the L1 distance of ordinary log-mels.

    Shape: `made`, `real` `[B, n]`. Returns the parts, each a scalar; their sum is the loss.
    """

    filters: Tensor

    def __init__(self, features: FeatureConfig) -> None:
        super().__init__()
        self.features = features
        for window, _ in RESOLUTIONS:
            self.register_buffer(f"window_{window}", torch.hann_window(window), persistent=False)
        self.register_buffer("filters", mel_filters(features), persistent=False)

    def forward(self, made: Tensor, real: Tensor) -> dict[str, Tensor]:
        convergence = made.new_zeros(())
        log_magnitude = made.new_zeros(())
        for window, hop in RESOLUTIONS:
            a, b = (self._magnitude(wave, window, hop) for wave in (made, real))
            distance = (a - b).square().sum((1, 2)).sqrt() / b.square().sum((1, 2)).sqrt().clamp_min(1e-3)
            convergence = convergence + distance.mean() / len(RESOLUTIONS)
            log_magnitude = log_magnitude + (a.log() - b.log()).abs().mean() / len(RESOLUTIONS)
        a, b = (self._magnitude(wave, self.features.n_fft, self.features.hop_length) for wave in (made, real))
        mel = ((a.transpose(1, 2) @ self.filters).log() - (b.transpose(1, 2) @ self.filters).log()).abs().mean()
        return {"convergence": convergence, "log_magnitude": log_magnitude, "mel": mel}

    def _magnitude(self, wave: Tensor, window: int, hop: int) -> Tensor:
        shape = getattr(self, f"window_{window}")
        return torch.stft(wave, window, hop, window=shape, return_complex=True).abs().clamp_min(FLOOR)
