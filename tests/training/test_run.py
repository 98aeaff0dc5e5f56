"""Training goes on where it stopped as if it had not, and a bad batch ends it without spoiling what is saved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from voicevae.models.blocks import Stack
from voicevae.training.run import Training, fit, last_checkpoint
from voicevae.training.settings import TrainingError

pytestmark = pytest.mark.filterwarnings("ignore")

Maker = Callable[..., Any]


def checkpoint(folder: Path) -> dict[str, Any]:
    path = last_checkpoint(folder)
    assert path is not None
    return torch.load(path, weights_only=True)


def assert_equal(one: dict[str, Any], two: dict[str, Any]) -> None:
    for part in ("state_dict", "current_model_state"):
        for name, value in one[part].items():
            assert torch.equal(value, two[part][name]), (part, name)


def interrupted(module: Training, batches: Any, folder: Path, resume: bool = False) -> None:
    with pytest.raises(InterruptedError):
        fit(module, batches, folder, resume)


def test_a_resumed_run_has_the_losses_and_weights_of_an_uninterrupted_one(
    tmp_path: Path, line: Maker, points: Maker
) -> None:
    whole, first, second = line(), line(), line()
    fit(whole, points(), tmp_path / "whole")
    interrupted(first, points(stop=5), tmp_path / "cut")
    fit(second, points(), tmp_path / "cut", resume=True)
    assert [step for step, _ in whole.seen] == [0, 1, 2, 3, 4, 5]
    assert second.seen == whole.seen[3:] and first.seen[:3] == whole.seen[:3]
    assert_equal(checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "cut"))
    assert checkpoint(tmp_path / "cut")["global_step"] == 6


def test_an_experiment_that_was_moved_goes_on_twice(tmp_path: Path, line: Maker, points: Maker) -> None:
    whole = line(checkpoint_steps=2)
    fit(whole, points(), tmp_path / "whole")
    interrupted(line(checkpoint_steps=2), points(stop=3), tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    interrupted(line(checkpoint_steps=2), points(stop=5), tmp_path / "new", resume=True)
    assert checkpoint(tmp_path / "new")["global_step"] == 4
    last = line(checkpoint_steps=2)
    fit(last, points(), tmp_path / "new", resume=True)
    assert last.seen == whole.seen[4:]
    assert_equal(checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "new"))


def test_a_run_begun_anew_replaces_the_old_ones_checkpoint(tmp_path: Path, line: Maker, points: Maker) -> None:
    fit(line(), points(), tmp_path)
    interrupted(line(), points(stop=5), tmp_path)
    assert checkpoint(tmp_path)["global_step"] == 3
    assert len(list(tmp_path.glob("last*.ckpt"))) == 1


def test_resuming_without_a_checkpoint_begins(tmp_path: Path, line: Maker, points: Maker) -> None:
    module = line()
    fit(module, points(), tmp_path, resume=True)
    assert module.seen[0][0] == 0 and checkpoint(tmp_path)["global_step"] == 6


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path, line: Maker, points: Maker) -> None:
    fit(line(), points(), tmp_path)
    before, again = checkpoint(tmp_path), line()
    fit(again, points(), tmp_path, resume=True)
    assert again.seen == []
    after = checkpoint(tmp_path)
    assert after["global_step"] == 6
    for name, value in before["state_dict"].items():
        assert torch.equal(value, after["state_dict"][name])


def test_saved_weights_are_the_moving_average(tmp_path: Path, line: Maker, points: Maker) -> None:
    """decay 0.5, begun at the weights after the first step (Polyak & Juditsky, 1992)."""
    trail = []

    class Followed(type(line())):  # type: ignore[misc]
        def on_train_batch_end(self, *_: Any) -> None:
            trail.append(self.model.weight.detach().clone())

    torch.manual_seed(0)
    fit(Followed(line().training_config), points(), tmp_path)
    average = trail[0]
    for weight in trail[1:]:
        average = 0.5 * average + 0.5 * weight
    saved = checkpoint(tmp_path)
    np.testing.assert_allclose(saved["state_dict"]["model.weight"], average, atol=1e-6)
    assert not torch.allclose(average, trail[-1], atol=1e-4)


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_a_bad_loss_stops_the_run_names_the_step_and_saves_the_batch(
    tmp_path: Path, line: Maker, points: Maker, poison: float
) -> None:
    module = line(checkpoint_steps=2)
    with pytest.raises(TrainingError, match="step 4") as raised:
        fit(module, points(bad=4, poison=poison), tmp_path)
    saved = next(tmp_path.glob("bad_batch*"))
    assert str(saved) in str(raised.value) and "4" in saved.name
    for name, value in points(bad=4, poison=poison).batch(4).items():
        np.testing.assert_array_equal(load_file(saved)[name], value)
    good = checkpoint(tmp_path)
    assert good["global_step"] == 4
    assert all(value.isfinite().all() for value in good["current_model_state"].values())
    again = line(checkpoint_steps=2)
    fit(again, points(), tmp_path, resume=True)
    assert [step for step, _ in again.seen] == [4, 5]


def test_a_bad_gradient_of_a_good_loss_stops_it_too(tmp_path: Path, line: Maker, points: Maker) -> None:
    module, plain = line(checkpoint_steps=1), line().losses

    def losses(batch: dict[str, torch.Tensor]) -> Any:
        _, parts = plain(batch)
        # sqrt has an infinite slope at 0, and infinity times 0 is NaN.
        bad = module.global_step == 3
        weight = module.model.weight
        return (weight * 0).square().sum().sqrt() if bad else weight.square().sum(), parts

    module.losses = losses
    with pytest.raises(TrainingError, match="step 3"):
        fit(module, points(), tmp_path)
    good = checkpoint(tmp_path)
    assert good["global_step"] == 3
    assert all(value.isfinite().all() for value in good["current_model_state"].values())


def test_a_power_cut_while_saving_leaves_the_last_checkpoint(
    tmp_path: Path, line: Maker, points: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(line(checkpoint_steps=2), points(stop=3), tmp_path)

    def half(_: Any, path: Path) -> None:
        Path(path).write_bytes(b"PK half a checkpoint")
        raise InterruptedError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", half)
        interrupted(line(checkpoint_steps=2), points(), tmp_path, resume=True)
    assert checkpoint(tmp_path)["global_step"] == 2
    fit(line(checkpoint_steps=2), points(), tmp_path, resume=True)
    assert checkpoint(tmp_path)["global_step"] == 6


def test_a_run_with_compiled_blocks_goes_on_without_compiling(
    tmp_path: Path, line: Maker, points: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights keep their names. What torch.compile makes of a block is torch's to test, and takes a minute."""
    monkeypatch.setattr(torch, "compile", lambda call, **_: call)

    class Blocks(type(line())):  # type: ignore[misc]
        def __init__(self, compiled: bool) -> None:
            super().__init__(replace(line().training_config, compile=compiled))
            torch.manual_seed(0)
            self.stack = Stack(1, 4, 1, 2)
            self.model = nn.Sequential(nn.Unflatten(1, (1, 4)), self.stack, nn.Flatten(), nn.Linear(4, 1))

    whole, first = Blocks(False), Blocks(True)
    fit(whole, points(), tmp_path / "whole")
    interrupted(first, points(stop=5), tmp_path / "cut")
    assert first.stack._compiled_call_impl is not None and whole.stack._compiled_call_impl is None
    fit(Blocks(False), points(), tmp_path / "cut", resume=True)
    assert_equal(checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "cut"))


def test_every_part_is_logged(tmp_path: Path, line: Maker, points: Maker) -> None:
    fit(line(), points(), tmp_path)
    events = EventAccumulator(str(tmp_path / "log"))
    events.Reload()
    tags = events.Tags()["scalars"]
    assert {"loss", "train/square", "train/gradient_norm"} <= set(tags) and any("lr" in tag for tag in tags)
    assert len(events.Scalars("train/square")) == 6
    assert [image.step for image in events.Images("mel/points")] == [3, 6]
    assert [sound.step for sound in events.Audio("sound/line")] == [3, 6]


def test_the_learning_rate_warms_up_and_falls_in_a_cosine(line: Maker) -> None:
    module = line(max_steps=100)
    schedule = module.configure_optimizers()["lr_scheduler"]["scheduler"].lr_lambdas[0]
    assert schedule(0) == pytest.approx(0.5, abs=0.01)
    assert schedule(50) == pytest.approx((1 + 0.02) / 2, abs=1e-6)
    assert schedule(100) == pytest.approx(0.02, abs=1e-6)


def test_a_budget_on_the_clock_ends_the_training_and_lowers_the_rate(
    tmp_path: Path, line: Maker, points: Maker
) -> None:
    module = line(max_steps=100_000)
    module.training_config = replace(module.training_config, minutes=0.5 / 60, checkpoint_steps=100_000)
    fit(module, points(), tmp_path)
    assert 1 < module.global_step < 100_000 and module.trained_s == pytest.approx(0.5, abs=0.3)
    assert module.share_done() == 1
    resumed = line(max_steps=100_000)
    resumed.training_config = module.training_config
    fit(resumed, points(), tmp_path, resume=True)  # nothing is left to do, but for the step that finds that out
    assert resumed.global_step <= module.global_step + 1
