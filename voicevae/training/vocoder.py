"""Training of the source-filter vocoder on true features, by spectral losses."""

import torch
from torch import Tensor

from voicevae.features import FeatureConfig
from voicevae.features.mel import ordinary
from voicevae.models.vocoder import SourceFilter
from voicevae.training.run import Samples, Training
from voicevae.training.settings import TrainingConfig
from voicevae.training.spectral import SpectralLoss
from voicevae.vocoders.source_filter import VocoderConfig

LOUDNESS_WEIGHT = 5.0
EDGE_FRAMES = 4  # a crop's ends lack the context that a whole recording has
RMS = 0.1


class VocoderTraining(Training):
    """Multi-resolution STFT loss of the vocoded against the recorded wave.

    Batch: `frames` `[B, T, n_channels + 3]` (mel, log_f0, voicing, loudness_db), `wave` `[B, T * hop_length]`.
    """

    def __init__(
        self, features: FeatureConfig, vocoder: VocoderConfig, config: TrainingConfig, mel_mean: Tensor, mel_std: Tensor
    ) -> None:
        super().__init__(config)
        self.vocoder = SourceFilter(features, vocoder)
        self.vocoder.mel_mean.copy_(mel_mean)
        self.vocoder.mel_std.copy_(mel_std)
        self.spectral_loss = SpectralLoss(features)

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        """A crop as recorded and as vocoded."""
        made, wave = self.pair(batch["frames"][:1], batch["wave"][:1])
        features = self.vocoder.features
        waves = {"recorded": wave[0], "vocoded": made[0].float()}
        mels = {name: torch.from_numpy(ordinary(one.detach().cpu().numpy(), features)) for name, one in waves.items()}
        return Samples(mels, waves, features.sample_rate)

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        return self.compare(*self.pair(batch["frames"], batch["wave"]))

    def pair(self, frames: Tensor, wave: Tensor) -> tuple[Tensor, Tensor]:
        """The vocoded and the recorded wave, without the crop's ends, at the recording's level of `RMS`."""
        made, _ = self.vocoder(frames[..., :-3], frames[..., -3:], torch.randn_like(wave))
        edge = self.vocoder.features.hop_length * EDGE_FRAMES
        gain = RMS / wave.square().mean(1, keepdim=True).sqrt().clamp_min(1e-3)
        return (made.to(wave) * gain)[:, edge:-edge], (wave * gain)[:, edge:-edge]

    def compare(self, made: Tensor, wave: Tensor, share: float | Tensor = 1.0) -> tuple[Tensor, dict[str, Tensor]]:
        """Spectral loss, and its parts; `share` as in `SpectralLoss`."""
        with torch.autocast(wave.device.type, enabled=False):
            parts = self.spectral_loss(made, wave, share)
        return torch.stack(list(parts.values())).sum() + (LOUDNESS_WEIGHT - 1) * parts["loudness"], parts
