"""Conversions in training: what the content is read from, and what tells them from recordings of their target."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.experiment import as_yaml, prepared
from tests.training.voices import FEATURES, MODEL, TRAINING, Few, Recordings, recording
from voicevae.training.conversions import NEXT, VoiceDiscriminator, self_conversions, verification
from voicevae.training.run import fit
from voicevae.training.settings import ELBOConfig
from voicevae.training.stages import train_vae
from voicevae.training.vae import VAETraining
from voicevae.training.verifier import WARPS, SpeakerVerifier, VerifierTraining

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


def test_the_verifier_learns_who_speaks(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = replace(TRAINING, max_steps=80, checkpoint_steps=80, gradient_clip=10.0)
    module, batches = VerifierTraining(FEATURES, 4, config), Few()
    before = module.losses(batches.batch(0))[0].item()
    fit(module, batches, tmp_path)
    loss, parts = module.losses(batches.batch(0))
    assert loss < 0.7 * before and parts["accuracy"] > 0.3  # chance is a twelfth
    embedding = module.verifier(batches.batch(0)["frames"][..., :-3], torch.ones(6, 64))
    assert embedding.norm(dim=-1).tolist() == pytest.approx([1.0] * 6)


def test_a_margin_makes_the_own_class_harder_and_no_other() -> None:
    torch.manual_seed(0)
    verifier, label = SpeakerVerifier(FEATURES.n_channels, 5), torch.tensor([0, 3])
    embedding = verifier(torch.randn(2, 20, FEATURES.n_channels), torch.ones(2, 20))
    logits, plain = (verifier.logits(embedding, which) for which in (label, label + 1))
    assert (logits < plain).nonzero().tolist() == [[0, 0], [1, 3]]


def test_recordings_of_unknown_speakers_do_not_count_in_the_verifier() -> None:
    torch.manual_seed(0)
    module, batch = VerifierTraining(FEATURES, 4, TRAINING), Recordings().batch(0)
    unknown = batch | {"speaker": torch.full((6,), -1)}
    assert module.losses(unknown)[0] == 0 and module.losses(batch)[0] > 0
    assert len(module.verifier.classes) == 4 * len(WARPS)


class _Mean(torch.nn.Module):
    """In place of a verifier: the direction of a mel's mean."""

    def forward(self, mel: Tensor, weight: Tensor) -> Tensor:
        return torch.nn.functional.normalize(mel.mean(1), dim=-1)


def test_a_conversion_costs_least_where_it_is_its_targets_speech() -> None:
    module, batch = VAETraining(FEATURES, MODEL, ELBOConfig(), TRAINING), Recordings().batch(0)
    done = module._autoencode(batch)
    targets = done.reference.roll(NEXT, 0)

    def cost(converted: Tensor) -> float:
        return verification(_Mean(), done, converted).item()

    assert cost(targets) < cost(0.5 * (targets + done.reference)) < cost(done.reference)


def test_the_verifier_teaches_the_vae_and_does_not_change() -> None:
    torch.manual_seed(0)
    verifier = SpeakerVerifier(FEATURES.n_channels, 4)
    elbo = ELBOConfig(discriminator=0.1, discriminator_warmup_steps=0, verification=1.0)
    module = VAETraining(FEATURES, MODEL, elbo, TRAINING, verifier)
    _, parts = module.losses(Recordings().batch(0))
    parts["verification"].backward()
    assert all(p.grad is None for p in verifier.parameters())
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in module.model.mel_decoder.leave.parameters())


def test_a_verifier_is_trained_first_where_the_objective_has_one(tmp_path: Path) -> None:
    exp = tmp_path / "exp"
    prepared(exp)
    config = recipe(tmp_path / "tiny.yaml")
    train_vae(exp, config, False)
    verifier, vae = (torch.load(exp / name / "last.ckpt", weights_only=True) for name in ("verifier", "vae"))
    assert verifier["global_step"] == vae["global_step"] == 2
    for name, value in verifier["state_dict"].items():
        assert torch.equal(vae["state_dict"]["conversions." + name], value), name
    shutil.rmtree(exp / "vae")
    train_vae(exp, config, True)  # the verifier is there
    again = torch.load(exp / "vae" / "last.ckpt", weights_only=True)
    assert all(torch.equal(value, again["state_dict"][name]) for name, value in vae["state_dict"].items())


def recipe(path: Path) -> Path:
    """The smallest recipe with a verifier, of two steps."""
    values = json.loads(as_yaml(path).read_text())
    short = values["vocoder_training"]
    values |= {"vae_training": short, "verifier_training": short, "vae_frames": 32, "vae_reference_frames": 32}
    values["elbo"] = {"discriminator": 0.1, "discriminator_warmup_steps": 0, "verification": 0.5}
    path.write_text(json.dumps(values))
    return path
