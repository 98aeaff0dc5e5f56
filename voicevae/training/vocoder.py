"""Training of the source-filter vocoder on true features."""

import torch
from torch import Tensor

from voicevae.features import FeatureConfig
from voicevae.features.mel import ordinary
from voicevae.training.run import Samples, Training, TrainingConfig
from voicevae.training.spectral import MultiResolutionSTFT
from voicevae.vocoders.source_filter import SourceFilter, VocoderConfig


class VocoderTraining(Training):
    """Multi-resolution STFT loss of the vocoded against the recorded wave.

    Batch: `frames` `[B, T, n_mels + 3]` (mel, log_f0, voicing, loudness_db), `wave` `[B, T * hop_length]`.
    """

    def __init__(
        self, features: FeatureConfig, vocoder: VocoderConfig, config: TrainingConfig, mel_mean: Tensor, mel_std: Tensor
    ) -> None:
        super().__init__(config)
        self.vocoder = SourceFilter(features, vocoder)
        self.vocoder.mel_mean.copy_(mel_mean)
        self.vocoder.mel_std.copy_(mel_std)
        self.distance = MultiResolutionSTFT(features)

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        """A crop as recorded and as vocoded."""
        frames, wave = batch["frames"][:1], batch["wave"][:1]
        made, _ = self.vocoder(frames[..., :-3], frames[..., -3:], torch.randn_like(wave))
        features = self.vocoder.features
        waves = {"recorded": wave[0], "vocoded": made[0].float()}
        return Samples({name: ordinary(w, features) for name, w in waves.items()}, waves, features.sample_rate)

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        frames, wave = batch["frames"], batch["wave"]
        made, _ = self.vocoder(frames[..., :-3], frames[..., -3:], torch.randn_like(wave))
        with torch.autocast(wave.device.type, enabled=False):
            # The crop's ends lack the context that a whole recording has.
            edge = self.vocoder.features.hop_length * 4
            gain = 0.1 / wave.square().mean(1, keepdim=True).sqrt().clamp_min(1e-3)
            parts = self.distance((made * gain)[:, edge:-edge], (wave * gain)[:, edge:-edge])
        return torch.stack(list(parts.values())).sum(), parts
