"""Conversions in training: as input of the content encoder, and judged by a discriminator.

A batch shows each voice in its own words only. Here item `i` also speaks in the voice of item `i + 1`.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from voicevae.features.contours import is_speech
from voicevae.models.blocks import Stack
from voicevae.models.cvae import CVAE, VoiceStatistics
from voicevae.models.encoders import Downsample
from voicevae.models.latents import Gaussian
from voicevae.training.devices import joint
from voicevae.training.settings import ELBOConfig

NEXT = -1  # by which a batch is rolled, so that each item meets the next one's voice
RESIDUAL = (0.5, 1.0)  # share of the residual in a self-conversion
CHANGE = (0.5, 2.0)  # of the decoder's change of voice in a self-conversion
STRIDE = 2  # frames a step of the discriminator


class Autoencoded(Protocol):
    """What the VAE made of a batch: target and decoded mel `[B, T, n_channels]`, contours `[B, T, 3]`, weight `[B, T]`,
    the reference mel `[B, R, n_channels]` and its weight, the voice, and draws."""

    mel: Tensor
    made: Tensor
    contours: Tensor
    weight: Tensor
    reference: Tensor
    reference_weight: Tensor
    statistics: VoiceStatistics
    q_content: Gaussian
    z_speaker: Tensor
    z_content: Tensor


@torch.no_grad()
def self_conversions(
    model: CVAE,
    batch: dict[str, Tensor],
    mel: Tensor,
    canonical: Tensor,
    contours: Tensor,
    weight: Tensor,
    share: float,
) -> Tensor:
    """The `canonical` form of `mel` (both `[B, T, n_channels]`), for a `share` of the batch as `model` converts it.

    What is decoded stays what was recorded, so the content cannot rely on the source's voice (SelfVC, Neekhara et al.,
    2023). The residual goes along in part, and the change of voice is scaled at random.
    """
    n, device = round(share * len(canonical)), canonical.device
    if n == 0:
        return canonical
    reference, statistics = batch["reference"], reference_statistics(batch)
    z = model.encode_speaker(reference[..., :-3], reference_weight(batch), statistics).mean
    content = model.normalise_content(model.encode_content(canonical[:n]), (weight[:n] > 0.5).float()).mean
    own = model.decode_mel(content, contours[:n], z[:n], _rolled(statistics, 0, n))
    new = model.decode_mel(content, contours[:n], z.roll(NEXT, 0)[:n], _rolled(statistics, NEXT, n))
    residual, change = (low + (high - low) * torch.rand(n, 1, 1, device=device) for low, high in (RESIDUAL, CHANGE))
    made = own + residual * (mel[:n] - own) + change * (new - own)
    mean, transport = (batch[f"reference_{name}"].roll(NEXT, 0)[:n] for name in ("mel_mean", "transport"))
    return torch.cat([model.canonical(made.float(), mean, transport), canonical[n:]])


class VoiceDiscriminator(nn.Module):
    """Whether a mel is recorded speech of the voice in a reference, step by step: a projection discriminator (Miyato &
    Koyama, 2018) whose class is an embedding of the reference.

    Shape: mel `[B, T, n_channels]`, reference `[B, R, n_channels]`, both in the corpus' units, weight `[B, R]` of the
    reference; scores `[B, T / 2]`.
    """

    def __init__(self, n_channels: int, channels: int = 128) -> None:
        super().__init__()
        self.enter = Downsample(n_channels, channels, STRIDE)
        self.stack = Stack(3, channels, 5, 2)
        self.norm = nn.LayerNorm(channels)
        self.score = nn.Linear(channels, 1)
        self.enter_reference = Downsample(n_channels, channels, STRIDE)
        self.reference_stack = Stack(2, channels, 5, 2)
        self.embed = nn.Linear(2 * channels, channels)

    def voice(self, reference: Tensor, weight: Tensor) -> Tensor:
        """Embedding `[B, channels]` of a reference: mean and standard deviation of its steps."""
        x = self.reference_stack(self.enter_reference(reference)).float()
        w = weight[:, ::STRIDE, None]
        total = w.sum(1).clamp_min(1.0)
        mean = (x * w).sum(1) / total
        variance = ((x - mean[:, None]).square() * w).sum(1) / total
        return self.embed(torch.cat([mean, (variance + 1e-4).sqrt()], -1))

    def forward(self, mel: Tensor, voice: Tensor) -> Tensor:
        """Scores `[B, T']` of a mel `[B, T, n_channels]` as that of a `voice`, as embedded; high is real."""
        x = self.norm(self.stack(self.enter(mel)))
        return self.score(x)[..., 0] + (x * voice[:, None]).sum(-1) / x.shape[-1] ** 0.5


class ConversionLosses(nn.Module):
    """Least-squares adversarial losses (Mao et al., 2017) of decoded and converted mels, and consistency of the
    content of conversions.

    The discriminator learns that recordings are real with a reference of their speaker, and not with another's; decoded
    and converted mels are not. A conversion carries a random share of the recorded residual, so that the voice, not the
    blur, tells it from a recording.
    """

    def __init__(self, n_channels: int, elbo: ELBOConfig) -> None:
        super().__init__()
        self.elbo = elbo
        self.discriminator = VoiceDiscriminator(n_channels)

    def forward(
        self, model: CVAE, done: Autoencoded, batch: dict[str, Tensor], step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted loss of both sides, neither with a gradient in the other, and its parts."""
        n = max(round(self.elbo.converted * len(done.mel)), 1)
        statistics = _rolled(done.statistics, NEXT, n)
        z = done.z_speaker.roll(NEXT, 0)[:n]
        converted = model.decode_mel(done.z_content[:n], done.contours[:n], z, statistics)
        share = torch.rand(n, 1, 1, device=z.device)
        shown = converted + share * (done.mel - done.made)[:n].detach()

        def units(mel: Tensor) -> Tensor:
            return (mel - model.mel_mean) / model.mel_std

        weight = done.weight[:, ::STRIDE]
        discriminator = self.discriminator
        voice = discriminator.voice(units(done.reference), done.reference_weight)
        other = voice.roll(NEXT, 0)
        real = discriminator(units(done.mel), voice), discriminator(units(done.mel), other)
        fake = discriminator(units(done.made.detach()), voice), discriminator(units(shown.detach()), other[:n])
        parts = {
            "discriminator": _square(real[0] - 1, weight)
            + 0.5 * (_square(real[1], weight) + _square(fake[0], weight) + _square(fake[1], weight[:n]))
        }
        loss = parts["discriminator"]
        if step < self.elbo.discriminator_warmup_steps:
            return loss, parts
        discriminator.requires_grad_(False)
        voice = voice.detach()
        parts["adversarial"] = _square(discriminator(units(shown), voice.roll(NEXT, 0)[:n]) - 1, weight[:n])
        parts["adversarial"] = parts["adversarial"] + 0.3 * _square(discriminator(units(done.made), voice) - 1, weight)
        discriminator.requires_grad_(True)
        transport = batch["reference_transport"].roll(NEXT, 0)[:n]
        again = model.encode_content(model.canonical(converted.float(), statistics.mel_mean, transport))
        again = model.normalise_content(again, (done.weight[:n] > 0.5).float())
        change = (again.mean - done.q_content.mean[:n].detach()).abs().mean(-1)
        parts["content_consistency"] = _mean(change, done.weight[:n, :: model.config.content_stride])
        loss = loss + self.elbo.discriminator * parts["adversarial"]
        return loss + self.elbo.content_consistency * parts["content_consistency"], parts


def speech_weight(loudness_db: Tensor, loud_db: Tensor, mask: Tensor) -> Tensor:
    """Frames `[B, T]` count fully where they are speech, a little where they are background, not at all as padding."""
    return mask * (0.1 + 0.9 * is_speech(loudness_db, loud_db[:, None]))


def reference_weight(batch: dict[str, Tensor]) -> Tensor:
    """`speech_weight` `[B, R]` of the references of a batch."""
    return speech_weight(batch["reference"][..., -1], batch["reference_loudness_max_db"], batch["reference_mask"])


def reference_statistics(batch: dict[str, Tensor]) -> VoiceStatistics:
    """What the references of a batch show of their speakers."""
    log_f0 = torch.stack([batch["reference_log_f0_mean"], batch["reference_log_f0_std"]], -1)
    return VoiceStatistics(log_f0, batch["reference_mel_mean"], batch["reference_mel_std"])


def _rolled(statistics: VoiceStatistics, by: int, n: int) -> VoiceStatistics:
    """Of the first `n` items, each with the statistics of the item `-by` places further on."""
    return VoiceStatistics(*(value.roll(by, 0)[:n] for value in vars(statistics).values()))


def _square(x: Tensor, weight: Tensor) -> Tensor:
    return _mean(x.float().square(), weight)


def _mean(x: Tensor, weight: Tensor) -> Tensor:
    """Over the steps `[B, T]`, by weight, of the whole batch."""
    return (x * weight).sum() / joint(weight.sum()).clamp_min(1.0)
