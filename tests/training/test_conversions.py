"""Conversions in training: what the content is read from, and what tells them from recordings of their target."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.voices import FEATURES, MODEL, TRAINING, Recordings, recording
from voicevae.training.conversions import VoiceDiscriminator, self_conversions
from voicevae.training.settings import ELBOConfig
from voicevae.training.vae import VAETraining

pytestmark = pytest.mark.filterwarnings("ignore")


def judged(step: int = 0, **weights: float) -> tuple[VAETraining, Tensor, dict[str, Tensor]]:
    """A training with a discriminator, and what a batch costs it."""
    torch.manual_seed(0)
    module = VAETraining(FEATURES, MODEL, ELBOConfig(discriminator=1.0, **weights), TRAINING)
    torch.manual_seed(step)
    return module, *module.losses(Recordings().batch(step))


def test_only_a_share_of_the_contents_is_read_from_conversions(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    module, batch = VAETraining(FEATURES, MODEL, ELBOConfig(), TRAINING), Recordings().batch(0)
    mel = batch["frames"][..., :-3]
    contours, weight = torch.zeros(*mel.shape[:2], 3), torch.ones(mel.shape[:2])

    def shown(share: float) -> Tensor:
        return self_conversions(module.model, batch, mel, mel, contours, weight, share)

    assert shown(0.0) is mel
    half = shown(0.5)
    changed = (half - mel).flatten(1).abs().amax(1) > 1e-3
    assert changed.tolist() == [True, True, True, False, False, False]
    assert not half.requires_grad


def test_neither_side_of_the_discriminator_learns_from_the_others_loss() -> None:
    module, _, parts = judged(discriminator_warmup_steps=0)
    assert module.conversions is not None
    own, others = list(module.conversions.parameters()), list(module.model.mel_decoder.parameters())
    gradients = torch.autograd.grad(parts["discriminator"], own + others, retain_graph=True, allow_unused=True)
    assert all(g is not None for g in gradients[: len(own)]) and not any(g is not None for g in gradients[len(own) :])
    gradients = torch.autograd.grad(parts["adversarial"], own + others, allow_unused=True)
    assert not any(g is not None for g in gradients[: len(own)])
    assert all(g is not None and g.abs().max() > 0 for g in gradients[len(own) :][:2])


def test_the_discriminator_learns_alone_at_first() -> None:
    _, _, parts = judged(discriminator_warmup_steps=5)
    assert "discriminator" in parts and "adversarial" not in parts
    assert VAETraining(FEATURES, MODEL, ELBOConfig(), TRAINING).conversions is None


def test_the_discriminator_learns_whose_voice_it_hears() -> None:
    torch.manual_seed(0)
    judge, random = VoiceDiscriminator(FEATURES.n_channels, 32), np.random.default_rng(0)
    optimiser = torch.optim.Adam(judge.parameters(), 3e-3)

    def scores() -> tuple[Tensor, Tensor]:
        speaker = random.integers(0, 2, 8)
        mel, own, other = (
            torch.from_numpy(np.stack([recording(s, random) for s in who]))[..., :-3]
            for who in (speaker, speaker, 3 - speaker)
        )
        weight = torch.ones(8, 96)
        return judge(mel, judge.voice(own, weight)), judge(mel, judge.voice(other, weight))

    for _ in range(60):
        right, wrong = scores()
        loss = (right - 1).square().mean() + wrong.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    right, wrong = scores()
    assert right.mean() > 0.7 and wrong.mean() < 0.3
