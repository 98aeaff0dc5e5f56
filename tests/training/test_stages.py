"""Stages run in their order, each from where the one before ended, and a user's error is one sentence."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.experiment import CONFIG, as_yaml, leave_checkpoint, prepared, untrained_vae
from voicevae.errors import CorpusError
from voicevae.recipes.command import run
from voicevae.training import stages
from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.config import About, RecipeConfig, load
from voicevae.training.export import VOCODER_STAGES, export
from voicevae.training.settings import TrainingError
from voicevae.training.stages import clocked, record, train_vae, train_vocoder
from voicevae.training.vocoder import VocoderTraining

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    """Prepared recordings, and a VAE."""
    prepared(tmp_path / "exp")
    leave_checkpoint(tmp_path / "exp" / "vae", untrained_vae())
    return tmp_path / "exp"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each run of `fit` began with, filled in while a test goes on."""
    seen: list[dict[str, Any]] = []
    fit = stages.fit

    def followed(module: Any, batches: Any, folder: Path, resume: bool, *others: Any) -> None:
        begun = {name: value.clone() for name, value in module.state_dict().items()}
        decoded = None if batches.decoded is None else batches.decoded.copy()
        said = {"folder": folder.name, "kind": type(module), "begun": begun, "decoded": decoded}
        seen.append(said | {"share": batches.share, "batch_size": batches.batch_size, "resume": resume})
        fit(module, batches, folder, resume, *others)

    monkeypatch.setattr(stages, "fit", followed)
    return seen


def saved(folder: Path) -> dict[str, Any]:
    return torch.load(folder / "last.ckpt", weights_only=True)


def assert_begins_with(one: dict[str, Any], folder: Path) -> None:
    """With the averaged weights that `folder` ended with, as far as it had them."""
    found = saved(folder)["state_dict"]
    for name, value in found.items():
        assert torch.equal(one["begun"][name], value), name
    assert {name.split(".")[0] for name in set(one["begun"]) - set(found)} <= {"discriminators"}


def test_the_vocoder_is_trained_in_three_stages_each_from_the_one_before(
    exp: Path, tmp_path: Path, runs: list[dict[str, Any]]
) -> None:
    config = as_yaml(tmp_path / "tiny.yaml", vocoder_training=3, decoded_training=1)
    train_vocoder(exp, config, False)
    assert [one["folder"] for one in runs] == list(VOCODER_STAGES)
    assert [one["kind"] for one in runs] == [VocoderTraining, AdversarialTraining, AdversarialTraining]
    assert [saved(exp / name)["global_step"] for name in VOCODER_STAGES] == [3, 2, 1]
    for begun, before in zip(runs[1:], VOCODER_STAGES, strict=False):
        assert_begins_with(begun, exp / before)
    first, last = (saved(exp / name)["state_dict"] for name in (VOCODER_STAGES[0], VOCODER_STAGES[-1]))
    assert not torch.equal(first["vocoder.leave.weight"], last["vocoder.leave.weight"])
    # Only the last one hears what the VAE decodes.
    assert [one["decoded"] is None for one in runs] == [True, True, False]
    assert runs[2]["share"] == CONFIG.adversarial.decoded
    made = export(exp, tmp_path / "bundle", About())
    assert made.training["steps"]["vocoder"] == 6
    for name, value in made.weights["vocoder"].items():
        np.testing.assert_array_equal(value, last["vocoder." + name].numpy().astype(value.dtype), err_msg=name)


@pytest.mark.parametrize(
    ("skipped", "left"),
    [
        (["adversarial_training"], ["vocoder", "vocoder_decoded"]),
        (["adversarial_training", "decoded_training"], ["vocoder"]),
        (["vocoder_training", "decoded_training"], ["vocoder_adversarial"]),
    ],
)
def test_no_steps_skip_a_stage(
    exp: Path, tmp_path: Path, runs: list[dict[str, Any]], skipped: list[str], left: list[str]
) -> None:
    train_vocoder(exp, as_yaml(tmp_path / "tiny.yaml", **dict.fromkeys(skipped, 0)), False)
    assert [one["folder"] for one in runs] == left
    assert {path.name for path in exp.glob("vocoder*")} == set(left)
    for begun, before in zip(runs[1:], left, strict=False):
        assert_begins_with(begun, exp / before)
    made = export(exp, tmp_path / "bundle", About())
    assert made.training["steps"]["vocoder"] == 2 * len(left)


def test_interrupted_in_a_later_stage_it_goes_on_there_and_is_exact(
    exp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the stage had no checkpoint yet, and its discriminators are made anew."""
    config, losses = as_yaml(tmp_path / "tiny.yaml"), AdversarialTraining.losses
    train_vocoder(exp, config, False)
    whole = {name: saved(exp / name) for name in VOCODER_STAGES}
    for stop in (0, 1):
        for name in VOCODER_STAGES:
            shutil.rmtree(exp / name)

        def cut(self: AdversarialTraining, batch: dict[str, Tensor], stop: int = stop) -> Any:
            if self.global_step == stop:
                raise InterruptedError("the power is gone")
            return losses(self, batch)

        with monkeypatch.context() as patch, pytest.raises(InterruptedError):
            patch.setattr(AdversarialTraining, "losses", cut)
            train_vocoder(exp, config, False)
        assert (exp / "vocoder_adversarial" / "last.ckpt").exists() == (stop > 0)
        assert not (exp / "vocoder_decoded").exists()
        train_vocoder(exp, config, True)
        for name, one in whole.items():
            two = saved(exp / name)
            assert one["global_step"] == two["global_step"] == 2
            for key, value in one["state_dict"].items():
                assert torch.equal(value, two["state_dict"][key]), (stop, name, key)


def test_without_a_vae_only_the_last_stage_is_refused(exp: Path, tmp_path: Path) -> None:
    (exp / "vae" / "last.ckpt").unlink()
    config = as_yaml(tmp_path / "tiny.yaml", vocoder_training=1, adversarial_training=0)
    with pytest.raises(TrainingError, match="vae has no checkpoint"):
        train_vocoder(exp, config, False)
    assert saved(exp / "vocoder")["global_step"] == 1


def test_the_vae_learns_harmonicity_as_channels_of_the_mel(exp: Path, tmp_path: Path) -> None:
    recipe = json.loads(as_yaml(tmp_path / "tiny.yaml").read_text())
    recipe |= {"vae_training": recipe["vocoder_training"], "vae_frames": 32, "vae_reference_frames": 32}
    (tmp_path / "tiny.yaml").write_text(json.dumps(recipe))
    train_vae(exp, tmp_path / "tiny.yaml", False)
    said, weights = json.loads((exp / "vae" / "run.json").read_text()), saved(exp / "vae")["state_dict"]
    assert said["speakers"] == ["ann", "bob"] and said["config"]["model"]["n_speakers"] == 2
    assert weights["model.mel_mean"].shape == (CONFIG.features.n_channels,)
    assert (weights["model.mel_mean"][CONFIG.features.n_mels :] > 0.5).any()  # a vowel is harmonic
    assert load(tmp_path / "tiny.yaml").features == CONFIG.features


def test_an_error_that_a_user_can_mend_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    def stage() -> None:
        raise CorpusError("There is nothing here; give a folder of recordings.")

    with pytest.raises(SystemExit) as exited:
        run(stage)
    assert exited.value.code == 2
    assert capsys.readouterr().err == "There is nothing here; give a folder of recordings.\n"


def test_an_error_of_ours_is_not_hidden() -> None:
    def stage() -> None:
        raise IndexError("a fault")

    with pytest.raises(IndexError):
        run(stage)


def test_a_run_is_recorded(tmp_path: Path) -> None:
    record(tmp_path / "vae", RecipeConfig(vae_frames=77), {"speakers": ["ann"]})
    said = json.loads((tmp_path / "vae" / "run.json").read_text())
    assert said["config"]["vae_frames"] == 77 and said["speakers"] == ["ann"]
    assert said["config"]["features"]["sample_rate"] == 16000 and {"torch", "numpy"} <= set(said["packages"])


def test_a_budget_is_shared_by_the_steps_of_the_trainings() -> None:
    config, names = RecipeConfig(), ("vocoder_training", "adversarial_training", "decoded_training")
    shared = clocked(config, 12.0, names)
    minutes = [getattr(shared, name).minutes for name in names]
    assert sum(minutes) == pytest.approx(12) and minutes[1] == pytest.approx(3 * minutes[2])
    assert shared.vae_training == config.vae_training and clocked(config, None, names) is config
