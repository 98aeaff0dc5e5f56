"""A speaker verifier: a network that tells who speaks from a mel, trained on recordings, then frozen.

Its embedding of a conversion tells the VAE how to come nearer to the target. It is apart from the VAE's own speaker
encoder, which the decoder could please without a change that is audible.
"""

import torch
from torch import Tensor, nn

from voicevae.features import FeatureConfig
from voicevae.models.blocks import Stack
from voicevae.models.encoders import Downsample
from voicevae.training.augmentation import random_equaliser, warp_matrix
from voicevae.training.conversions import speech_weight
from voicevae.training.devices import joint
from voicevae.training.run import Samples, Training
from voicevae.training.settings import TrainingConfig

STRIDE = 2  # frames a step
WARPS = (0.88, 1.0, 1.13)  # of the formants; a speaker warped by each is a speaker of its own
COLOUR = 0.3  # nats; standard deviation of a random equaliser, so that a microphone is not a voice
SCALE, MARGIN = 30.0, 0.2  # of the logits; of the angle to the own class, radians


class SpeakerVerifier(nn.Module):
    """Embeddings of length 1, trained with an additive angular margin (ArcFace, Deng et al., 2019).

    Shape: mel `[B, T, n_channels]`, weight `[B, T]` (0..1, speech) -> `[B, dim]`.
    """

    mel_mean: Tensor
    mel_std: Tensor

    def __init__(self, n_channels: int, n_speakers: int, channels: int = 160, dim: int = 128) -> None:
        super().__init__()
        self.register_buffer("mel_mean", torch.zeros(n_channels))
        self.register_buffer("mel_std", torch.ones(n_channels))
        self.enter = Downsample(n_channels, channels, STRIDE)
        self.stack = Stack(4, channels, 5, 2)
        self.leave = nn.Sequential(nn.LayerNorm(2 * channels), nn.Linear(2 * channels, dim))
        self.classes = nn.Parameter(torch.randn(n_speakers, dim) * dim**-0.5)

    def forward(self, mel: Tensor, weight: Tensor) -> Tensor:
        x = self.stack(self.enter((mel - self.mel_mean) / self.mel_std)).float()
        weight = weight[:, ::STRIDE, None] + 1e-3
        weight = weight / weight.sum(1, keepdim=True)
        mean = (x * weight).sum(1)
        variance = ((x - mean[:, None]).square() * weight).sum(1)
        return nn.functional.normalize(self.leave(torch.cat([mean, (variance + 1e-4).sqrt()], -1)), dim=-1)

    def logits(self, embedding: Tensor, label: Tensor) -> Tensor:
        """Of embeddings `[B, dim]` for each class, `[B, n_speakers]`; the angle to the class `label` `[B]` is enlarged
        by the margin."""
        cosine = embedding @ nn.functional.normalize(self.classes, dim=-1).T
        own = cosine.gather(1, label[:, None]).clamp(-1 + 1e-6, 1 - 1e-6)
        return SCALE * cosine.scatter(1, label[:, None], torch.cos(torch.acos(own) + MARGIN))


class VerifierTraining(Training):
    """Classification of recordings, and of their references, by speaker; the batches are the VAE's."""

    def __init__(self, features: FeatureConfig, n_speakers: int, config: TrainingConfig) -> None:
        super().__init__(config)
        self.features, self.n_speakers = features, n_speakers
        self.verifier = SpeakerVerifier(features.n_channels, len(WARPS) * n_speakers)

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        target = batch["frames"], batch["source_loudness_max_db"], batch["mask"]
        reference = batch["reference"], batch["reference_loudness_max_db"], batch["reference_mask"]
        halves = [self._classified(*half, batch["speaker"]) for half in (target, reference)]
        logits, label = (torch.cat(both) for both in zip(*halves, strict=True))
        known = label >= 0
        n = joint(known.float().sum()).clamp_min(1.0)
        loss = nn.functional.cross_entropy(logits[known], label[known], reduction="sum") / n
        return loss, {"accuracy": (logits.argmax(-1) == label)[known].float().sum() / n}

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        return Samples({"target": batch["frames"][0, :, :-3]}, {}, self.features.sample_rate)

    def _classified(self, frames: Tensor, loud_db: Tensor, mask: Tensor, speaker: Tensor) -> tuple[Tensor, Tensor]:
        """Logits `[B, n]` of frames `[B, T, n_channels + 3]`, warped and coloured at random, and their classes `[B]`,
        -1 where the `speaker` `[B]` is unknown."""
        n, device = len(frames), frames.device
        which = (torch.rand(n, device=device) * len(WARPS)).long()
        matrix = warp_matrix(torch.tensor(WARPS, device=device)[which], self.features)
        mel = frames[..., :-3] @ matrix + random_equaliser(n, self.features, COLOUR, device)
        embedding = self.verifier(mel, speech_weight(frames[..., -1], loud_db, mask))
        label = speaker.clamp_min(0) + self.n_speakers * which
        return self.verifier.logits(embedding, label), torch.where(speaker < 0, -1, label)
