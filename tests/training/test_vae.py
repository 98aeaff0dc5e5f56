"""The objective is what its parts say, it falls, and a resumed run of the real model is exact."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.voices import FEATURES, MODEL, TRAINING, Few, Recordings
from voicevae.training.run import fit
from voicevae.training.settings import ELBOConfig, TrainingConfig
from voicevae.training.vae import VAETraining

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def made() -> Callable[..., VAETraining]:
    def make(elbo: ELBOConfig | None = None, training: TrainingConfig = TRAINING) -> VAETraining:
        torch.manual_seed(0)
        return VAETraining(FEATURES, MODEL, elbo or ELBOConfig(), training)

    return make


def at_step(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(VAETraining, "global_step", property(lambda self: step))


@pytest.mark.parametrize("step", [0, 50, 100, 5000])
def test_the_loss_is_what_its_parts_say(monkeypatch: pytest.MonkeyPatch, made: Any, step: int) -> None:
    """The KL's weight rises in a straight line to its beta at step 100 and stays there."""
    at_step(monkeypatch, step)
    elbo = ELBOConfig(kl_warmup_steps=100, beta_speaker=3.0, beta_prosody=0.5, beta_content=2.0, head=0.7)
    loss, parts = made(elbo).losses(Recordings().batch(0))
    kl = 3 * parts["kl_speaker"] + 0.5 * parts["kl_prosody"] + 2 * parts["kl_content"]
    expected = (parts["mel"] + parts["contours"] + min(step / 100, 1) * kl) / FEATURES.n_channels
    expected += 0.1 * (0.7 * parts["head"] + parts["adversary"])
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert all(part.isfinite() for part in parts.values())


def test_the_likelihoods_are_laplace_and_bernoulli(made: Any) -> None:
    module = made(ELBOConfig(mel_scale=0.5, contour_scale=0.1))
    done = module._autoencode(Recordings().batch(0))
    done.made = done.mel + 0.25
    done.weight = torch.zeros(6, 64)
    done.weight[0, :2] = torch.tensor([1.0, 0.5])
    done.contours = torch.zeros(6, 64, 3)
    done.contours[0, :2, 1] = torch.tensor([1.0, -1.0])  # voiced, unvoiced
    done.logits = torch.zeros(6, 64, 3)
    done.logits[0, :2] = torch.tensor([[0.3, 2.0, 0.1], [9.0, 2.0, 0.2]])
    parts = module._reconstruction(done)
    assert parts["mel"].item() == pytest.approx(FEATURES.n_channels * 0.25 / 0.5)
    assert parts["mel_l1"].item() == pytest.approx(0.25)
    voicing = np.log1p(np.exp(-2)) + 0.5 * np.log1p(np.exp(2))  # -ln p of a logit of 2
    pitch, loudness = 0.3, 0.1 + 0.5 * 0.2  # an unvoiced frame's pitch does not count
    assert parts["contours"].item() == pytest.approx(((pitch + loudness) / 0.1 + voicing) / 1.5, rel=1e-5)


def test_frames_without_weight_count_for_nothing(made: Any) -> None:
    module = made()
    done = module._autoencode(Recordings().batch(0))
    done.weight[:, 40:] = 0
    one = module._reconstruction(done)
    for values in (done.made, done.logits, done.contours):
        values.data[:, 40:] = 0.9
    two = module._reconstruction(done)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_padding_has_no_weight_and_background_little(made: Any) -> None:
    batch = Recordings().batch(0)
    batch["mask"][:, 50:] = 0
    batch["frames"][:, 30:, -1] = -90.0
    weight = made()._autoencode(batch).weight
    np.testing.assert_allclose(weight[0], [1.0] * 30 + [0.1] * 20 + [0.0] * 14)


def test_what_lies_in_a_gap_is_not_seen_but_asked_for(monkeypatch: pytest.MonkeyPatch, made: Any) -> None:
    module, batch = made(ELBOConfig(new_voices=0.0, gaps=1.0)), Recordings().batch(0)
    missing = torch.zeros(6, 64, dtype=torch.bool)
    missing[:3, 20:30] = True
    monkeypatch.setattr("voicevae.training.vae.random_gaps", lambda frames, share, longest: missing)
    other = {name: value.clone() for name, value in batch.items()}
    # Another sound and another intonation in the gap, at the same level.
    other["frames"][:3, 20:30, :-1] += torch.randn(3, 10, FEATURES.n_channels + 2) * 0.3

    def done(batch: dict[str, Tensor]) -> Any:
        torch.manual_seed(0)
        return module._autoencode(batch)

    one, two = done(batch), done(other)
    for name in ("q_content", "q_prosody"):
        torch.testing.assert_close(getattr(one, name).mean, getattr(two, name).mean, rtol=1e-4, atol=1e-5)
    assert (one.mel - two.mel)[:3, 20:30].abs().mean() > 0.1 and (one.contours - two.contours).any()
    other["frames"][3:, 20:30, :-1] += 0.3  # where nothing is missing it is seen
    three = done(other)
    assert (three.q_content.mean - two.q_content.mean)[3:].abs().max() > 1e-3
    assert (three.q_prosody.mean - two.q_prosody.mean)[3:].abs().max() > 1e-3


def test_recordings_without_labels_train_too(monkeypatch: pytest.MonkeyPatch, made: Any) -> None:
    at_step(monkeypatch, 10_000)
    elbo = ELBOConfig(new_voices=0.0, label_dropout=0.0, free_bits_speaker=0.0)
    module, batch = made(elbo), Recordings().batch(0)
    batch["speaker"][:] = -1
    loss, parts = module.losses(batch)
    assert loss.isfinite() and parts["adversary"].item() == 0
    batch["speaker"][0] = 2
    loss, parts = module.losses(batch)
    loss.backward()
    gradient = module.model.prior.means.weight.grad
    assert parts["adversary"].item() > 0 and gradient[2].any() and not gradient[[0, 1, 3]].any()


def test_what_is_shown_while_training_is_finite(made: Any) -> None:
    shown = made().samples(Recordings().batch(0))
    assert {mel.shape for mel in shown.mels.values()} == {(64, FEATURES.n_channels)}
    assert {wave.shape for wave in shown.waves.values()} == {(64 * 200,)}
    assert all(x.isfinite().all() for x in [*shown.mels.values(), *shown.waves.values()])


def test_labels_are_dropped_from_new_voices_and_never_otherwise(made: Any) -> None:
    batch = Recordings().batch(0)
    keep, new = made(ELBOConfig(new_voices=0.0, label_dropout=0.0)), made(ELBOConfig(new_voices=1.0, label_dropout=0.0))
    mel, reference, shown, speaker = keep._voices(batch)
    assert torch.equal(speaker, batch["speaker"])
    np.testing.assert_allclose(mel, batch["frames"][..., :-3], atol=1e-3)
    np.testing.assert_allclose(reference, batch["reference"][..., :-3], atol=1e-3)
    np.testing.assert_allclose(shown.mel_mean, batch["reference_mel_mean"], atol=1e-3)
    mel, _, _, speaker = new._voices(batch)
    assert (speaker == -1).all() and (mel - batch["frames"][..., :-3]).abs().mean() > 0.1
    bands = FEATURES.n_mels
    np.testing.assert_allclose(mel[..., bands:], batch["frames"][..., bands:-3], atol=1e-5)  # as harmonic as before


def test_a_new_voice_is_the_same_in_source_reference_and_statistics(made: Any) -> None:
    batch = Recordings().batch(0)
    batch["reference"] = batch["frames"].clone()
    batch["reference_mel_mean"] = batch["frames"][..., :-3].mean(1)
    mel, reference, shown, _ = made(ELBOConfig(new_voices=1.0))._voices(batch)
    assert torch.equal(mel, reference)
    np.testing.assert_allclose(shown.mel_mean, mel.mean(1), atol=1e-4)


def test_everything_learns(monkeypatch: pytest.MonkeyPatch, made: Any) -> None:
    at_step(monkeypatch, 1000)
    module = made(ELBOConfig(new_voices=0.0, label_dropout=0.0, free_bits_speaker=0.0))
    module.losses(Recordings().batch(0))[0].backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_a_few_steps_lower_the_loss(tmp_path: Path, made: Any) -> None:
    module = made(ELBOConfig(new_voices=0.0), replace(TRAINING, max_steps=30, checkpoint_steps=100))
    losses: list[float] = []
    of = module.losses

    def followed(batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        loss, parts = of(batch)
        losses.append(parts["mel_l1"].item())
        return loss, parts

    module.losses = followed
    fit(module, Few(), tmp_path)
    assert np.mean(losses[-3:]) < 0.8 * np.mean(losses[:3])


def test_a_resumed_run_is_exact(tmp_path: Path, made: Any) -> None:
    class Cut(Recordings):
        def batch(self, step: int) -> dict[str, Tensor]:
            if step == 3:
                raise InterruptedError("the power is gone")
            return super().batch(step)

    fit(made(), Recordings(), tmp_path / "whole")
    with pytest.raises(InterruptedError):
        fit(made(), Cut(), tmp_path / "cut")
    fit(made(), Recordings(), tmp_path / "cut", resume=True)
    one, two = (torch.load(tmp_path / name / "last.ckpt", weights_only=True) for name in ("whole", "cut"))
    assert one["global_step"] == two["global_step"] == 4
    for name, value in one["current_model_state"].items():
        assert torch.equal(value, two["current_model_state"][name]), name
        assert torch.equal(one["state_dict"][name], two["state_dict"][name]), name
