"""Both sides learn at once and neither from the other's loss; what was shifted is judged, and compared with nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.training.experiment import CONFIG, TRAINING, OneVowel
from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.run import fit
from voicevae.training.settings import AdversarialConfig
from voicevae.training.vocoder import VocoderTraining

pytestmark = pytest.mark.filterwarnings("ignore")

FEATURES, SPECTRAL = CONFIG.features, ("convergence", "log_magnitude", "mel", "loudness")
LOW, HIGH = np.log(FEATURES.f0_min_hz), np.log(FEATURES.f0_max_hz)

Maker = Callable[..., AdversarialTraining]


@pytest.fixture(scope="module")
def vowel() -> OneVowel:
    return OneVowel(FEATURES)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Makes a training after its warm-up, always with the same first weights."""

    def make(step: int = 10, **changes: Any) -> AdversarialTraining:
        monkeypatch.setattr(AdversarialTraining, "global_step", property(lambda self: step))
        torch.manual_seed(0)
        bands = torch.zeros(FEATURES.n_channels)
        config: AdversarialConfig = replace(CONFIG.adversarial, **changes)
        return AdversarialTraining(FEATURES, CONFIG.vocoder, config, TRAINING, bands, bands + 2)

    return make


def losses(module: VocoderTraining, batch: dict[str, Tensor], seed: int = 0) -> tuple[Tensor, dict[str, Tensor]]:
    """With the same draws each time."""
    torch.manual_seed(seed)
    return module.losses(batch)


def gradients(loss: Tensor, side: nn.Module) -> list[Tensor | None]:
    return list(torch.autograd.grad(loss, list(side.parameters()), retain_graph=True, allow_unused=True))


def many(vowel: OneVowel, n: int) -> dict[str, Tensor]:
    """A batch of `n` items."""
    return {name: value[torch.arange(n) % 2].clone() for name, value in vowel.batch(0).items()}


def test_neither_sides_loss_has_a_gradient_in_the_other(made: Maker, vowel: OneVowel) -> None:
    module = made()
    _, parts = losses(module, vowel.batch(0))
    for name, part in parts.items():
        vocoder, discriminators = gradients(part, module.vocoder), gradients(part, module.discriminators)
        none, some = (vocoder, discriminators) if name == "discriminators" else (discriminators, vocoder)
        assert not any(g is not None and g.any() for g in none), name
        assert any(g is not None and g.any() for g in some), name
    # What the discriminators learn does not depend on how the vocoder is taught.
    other = made(adversarial=0.0, feature_matching=0.0)
    total, same = (losses(module, vowel.batch(0))[0] for module in (module, other))
    for one, two in zip(gradients(total, module.discriminators), gradients(same, other.discriminators), strict=True):
        torch.testing.assert_close(one, two)


def test_the_loss_is_what_its_parts_say(made: Maker, vowel: OneVowel) -> None:
    module = made(adversarial=0.3, feature_matching=0.7)
    loss, parts = losses(module, vowel.batch(0))
    spectral = sum(parts[name] for name in SPECTRAL) + 4 * parts["loudness"]  # loudness weighs 5
    expected = spectral + parts["discriminators"] + 0.3 * parts["adversarial"] + 0.7 * parts["feature_matching"]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_in_warm_up_the_vocoder_hears_nothing_of_the_discriminators(made: Maker, vowel: OneVowel) -> None:
    module = made(step=4, warmup_steps=5)
    loss, parts = losses(module, vowel.batch(0))
    assert set(parts) == {*SPECTRAL, "discriminators"}
    alone = gradients(loss - parts["discriminators"], module.vocoder)
    assert all(torch.equal(a, b) for a, b in zip(gradients(loss, module.vocoder), alone, strict=True))
    assert all(g is not None and g.isfinite().all() for g in gradients(loss, module.discriminators))
    assert {"adversarial", "feature_matching"} <= set(losses(made(step=5, warmup_steps=5), vowel.batch(0))[1])


def test_without_a_shift_the_loss_is_that_of_plain_training(made: Maker, vowel: OneVowel) -> None:
    module = made(shifted=0.0)
    plain = VocoderTraining(FEATURES, CONFIG.vocoder, TRAINING, module.vocoder.mel_mean, module.vocoder.mel_std)
    plain.load_state_dict(module.state_dict(), strict=False)
    torch.manual_seed(0)
    torch.rand(2), torch.rand(2, 1)  # which items are shifted, and by how much
    _, expected = plain.losses(vowel.batch(0))
    _, parts = losses(module, vowel.batch(0))
    for name, part in expected.items():
        torch.testing.assert_close(parts[name], part)


def test_shifted_items_are_judged_and_compared_with_nothing(made: Maker, vowel: OneVowel) -> None:
    module, batch = made(shifted=0.5, shift_semitones=6.0), many(vowel, 8)
    torch.manual_seed(3)
    shifted = torch.rand(8) < 0.5
    assert 0 < shifted.sum() < 8
    _, before = losses(module, batch, seed=3)
    other = dict(batch, wave=torch.where(shifted[:, None], 0.1 * torch.randn_like(batch["wave"]), batch["wave"]))
    _, after = losses(module, other, seed=3)
    for name in (*SPECTRAL, "feature_matching"):
        torch.testing.assert_close(after[name], before[name])
    assert after["discriminators"] != before["discriminators"]
    other = dict(batch, wave=torch.where(shifted[:, None], batch["wave"], 0.1 * torch.randn_like(batch["wave"])))
    _, after = losses(module, other, seed=3)
    assert all(after[name] > 1.01 * before[name] for name in SPECTRAL)


def test_only_shifted_items_sound_another_pitch(made: Maker, vowel: OneVowel, monkeypatch: pytest.MonkeyPatch) -> None:
    module, batch, seen = made(shifted=0.5), many(vowel, 8), []
    pair = module.pair
    monkeypatch.setattr(module, "pair", lambda frames, wave: seen.append(frames) or pair(frames, wave))
    losses(module, batch, seed=3)
    torch.manual_seed(3)
    shifted = torch.rand(8) < 0.5
    moved = (seen[0] != batch["frames"]).any(-1).any(-1)
    assert torch.equal(moved, shifted)


def test_a_batch_that_is_shifted_as_a_whole_keeps_one_item_to_compare(made: Maker, vowel: OneVowel) -> None:
    loss, parts = losses(made(shifted=1.0), vowel.batch(0))
    assert loss.isfinite() and all(part.isfinite() for part in parts.values())


def test_a_shift_is_one_interval_an_item_and_stays_within_the_features_range(made: Maker) -> None:
    torch.manual_seed(1)
    frames = torch.randn(400, 20, FEATURES.n_channels + 3)
    frames[..., -3] = np.log(200) + 0.1 * torch.randn(400, 20)
    shifted = made(shift_semitones=8.0)._shift(frames)
    same = torch.arange(frames.shape[-1]) != FEATURES.n_channels
    assert torch.equal(shifted[..., same], frames[..., same])
    interval = (shifted - frames)[..., -3] * 12 / np.log(2)
    np.testing.assert_allclose(interval, interval[:, :1].expand_as(interval), atol=1e-4)
    drawn = interval[:, 0]
    assert -8 <= drawn.min() < -7 and 7 < drawn.max() <= 8 and abs(float(drawn.mean())) < 1
    far = made(shift_semitones=60.0)._shift(frames)[..., -3]
    assert far.min() >= LOW - 1e-5 and far.max() <= HIGH + 1e-5
    assert (far < LOW + 1e-3).any() and (far > HIGH - 1e-3).any()


def test_every_part_learns_and_stays_learnable(made: Maker, vowel: OneVowel) -> None:
    module = made()
    for _ in range(2):  # the second time as the first: nothing is left frozen
        module.zero_grad()
        losses(module, vowel.batch(0))[0].backward()
        # The network's last layer begins at zero, so that nothing before it has a gradient yet.
        for name, parameter in [*module.discriminators.named_parameters(), *module.vocoder.leave.named_parameters()]:
            assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def fresh() -> AdversarialTraining:
    torch.manual_seed(0)
    bands = torch.zeros(FEATURES.n_channels)
    config = replace(TRAINING, max_steps=4, checkpoint_steps=2)
    return AdversarialTraining(FEATURES, CONFIG.vocoder, CONFIG.adversarial, config, bands, bands + 2)


def test_a_run_moves_both_sides_and_a_resumed_one_is_exact(tmp_path: Path, vowel: OneVowel) -> None:
    class Cut(OneVowel):
        def batch(self, step: int) -> dict[str, Tensor]:
            if step == 3:
                raise InterruptedError("the power is gone")
            return super().batch(step)

    begun = fresh().state_dict()
    fit(fresh(), vowel, tmp_path / "whole")
    with pytest.raises(InterruptedError):
        fit(fresh(), Cut(FEATURES), tmp_path / "cut")
    fit(fresh(), vowel, tmp_path / "cut", resume=True)
    one, two = (torch.load(tmp_path / name / "last.ckpt", weights_only=True) for name in ("whole", "cut"))
    assert one["global_step"] == two["global_step"] == 4
    for part in ("state_dict", "current_model_state"):
        for name, value in one[part].items():
            assert torch.equal(value, two[part][name]), (part, name)
    for side in ("vocoder.leave.weight", "discriminators.parts.0.score.parametrizations.weight.original1"):
        assert not torch.equal(one["state_dict"][side], begun[side])
