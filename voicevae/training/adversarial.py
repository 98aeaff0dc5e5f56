"""The vocoder's later stages: adversarial, with F0 shifted in part of each batch, and on the VAE's decoded mels."""

import math

import torch
from torch import Tensor

from voicevae.features import FeatureConfig
from voicevae.training.devices import first, joint
from voicevae.training.discriminators import (
    Discriminators,
    discriminator_loss,
    feature_matching_loss,
    generator_loss,
)
from voicevae.training.settings import AdversarialConfig, TrainingConfig
from voicevae.training.vocoder import RMS, VocoderTraining
from voicevae.units import NATS_PER_SEMITONE
from voicevae.vocoders.source_filter import VocoderConfig


class AdversarialTraining(VocoderTraining):
    """Batch: as for `VocoderTraining`.

    There is no recording of a voice at another F0, so items with shifted F0 have no spectral loss: the discriminators
    compare them with real speech, and the vocoder's correction keeps the envelope. One optimiser steps both sides at
    once: neither's loss has a gradient in the other.
    """

    def __init__(
        self,
        features: FeatureConfig,
        vocoder: VocoderConfig,
        adversarial: AdversarialConfig,
        config: TrainingConfig,
        mel_mean: Tensor,
        mel_std: Tensor,
    ) -> None:
        super().__init__(features, vocoder, config, mel_mean, mel_std)
        self.adversarial = adversarial
        resolutions = tuple((window, window // 4) for window in adversarial.windows)
        self.discriminators = Discriminators(resolutions, adversarial.periods, adversarial.channels)

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        frames, wave = batch["frames"], batch["wave"]
        shifted = torch.rand(len(wave), device=wave.device) < self.adversarial.shifted
        plain, share = _unshifted(shifted)
        frames = torch.where(shifted[:, None, None], self._shift(frames), frames)
        made, wave = self.pair(frames, wave)
        loss, parts = self.compare(made[plain], wave[plain], share)
        real, fake = self.discriminators(wave / RMS), self.discriminators(made.detach() / RMS)
        parts["discriminators"] = discriminator_loss(real, fake)
        loss = loss + parts["discriminators"]
        if self.global_step < self.adversarial.warmup_steps:
            return loss, parts
        self.discriminators.requires_grad_(False)
        judged = self.discriminators(made / RMS)
        self.discriminators.requires_grad_(True)
        parts["adversarial"] = generator_loss(judged)
        parts["feature_matching"] = feature_matching_loss(_of(real, plain), _of(judged, plain), share)
        weights = self.adversarial
        loss = loss + weights.adversarial * parts["adversarial"] + weights.feature_matching * parts["feature_matching"]
        return loss, parts

    def _shift(self, frames: Tensor) -> Tensor:
        """The same frames at another F0, within what the features can hold."""
        semitones = (2 * torch.rand(len(frames), 1, device=frames.device) - 1) * self.adversarial.shift_semitones
        features, shifted = self.vocoder.features, frames.clone()
        low, high = math.log(features.f0_min_hz), math.log(features.f0_max_hz)
        shifted[..., -3] = (frames[..., -3] + semitones * NATS_PER_SEMITONE).clamp(low, high)
        return shifted


def _unshifted(shifted: Tensor) -> tuple[Tensor, Tensor]:
    """Items with a recording to compare with, at least one of the whole batch; their number over the mean number of all
    devices. `shifted` `[B]` is changed."""
    if joint((~shifted).float().mean()) == 0 and first():
        shifted[0] = False
    n = (~shifted).float().sum()
    return torch.where(n > 0, ~shifted, True), n / joint(n)


def _of(judged: list[tuple[Tensor, list[Tensor]]], items: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
    """Scores and features of some `items` `[B]` of the batch."""
    return [(scores[items], [feature[items] for feature in features]) for scores, features in judged]
