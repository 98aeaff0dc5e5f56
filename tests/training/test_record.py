"""A run says what it is, and another model's checkpoint is refused before anything is overwritten."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from lhotse import CutSet
from torch import nn

from tests.training import experiment
from voicevae.data.batches import FrameBank
from voicevae.training.config import RecipeConfig
from voicevae.training.record import check_resumable, fingerprint, git_state, record
from voicevae.training.settings import TrainingError
from voicevae.training.stages import train_vae

pytestmark = pytest.mark.filterwarnings("ignore")


def recipe(path: Path, **model: int) -> Path:
    """The smallest recipe, of two steps."""
    values = json.loads(experiment.as_yaml(path).read_text())
    values |= {"vae_training": {**values["vocoder_training"], "seed": 7}, "vae_frames": 32, "vae_reference_frames": 32}
    values["model"] |= model
    path.write_text(json.dumps(values))
    return path


def test_configuration_versions_git_seed_and_data_lie_beside_the_checkpoints(tmp_path: Path) -> None:
    cuts = experiment.prepared(tmp_path / "exp")
    train_vae(tmp_path / "exp", recipe(tmp_path / "a.yaml"), False)
    said = json.loads((tmp_path / "exp" / "vae" / "run.json").read_text())
    assert said["config"]["vae_frames"] == 32 and said["config"]["features"]["sample_rate"] == 16000
    assert {"torch", "lightning", "lhotse", "numpy"} <= set(said["packages"]) and said["python"].startswith("3.")
    assert said["git"] == git_state() and said["seed"] == 7
    assert said["data"] == fingerprint(FrameBank(cuts))


def test_a_changed_model_is_refused_in_one_sentence_and_the_run_keeps_its_record(tmp_path: Path) -> None:
    exp = tmp_path / "exp"
    experiment.prepared(exp)
    train_vae(exp, recipe(tmp_path / "a.yaml"), False)
    before = (exp / "vae" / "run.json").read_text()
    with pytest.raises(
        TrainingError, match=r"last.ckpt is of another model: .* was \[16.* now \[24.*run.json"
    ) as raised:
        train_vae(exp, recipe(tmp_path / "b.yaml", channels=24), True)
    assert "\n" not in str(raised.value)
    assert (exp / "vae" / "run.json").read_text() == before
    train_vae(exp, recipe(tmp_path / "a.yaml"), True)  # the same goes on


def test_weights_that_came_or_went_are_named(tmp_path: Path) -> None:
    torch.save({"state_dict": nn.Linear(2, 2).state_dict()}, tmp_path / "last.ckpt")
    check_resumable(nn.Linear(2, 2), tmp_path)
    check_resumable(nn.Linear(2, 3), tmp_path / "nothing")
    with pytest.raises(TrainingError, match=r"1 of its weights differ, as bias, which was \[2\] and is now not there"):
        check_resumable(nn.Linear(2, 2, bias=False), tmp_path)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 half"])
def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last.ckpt").write_bytes(content)
    with pytest.raises(TrainingError, match="last.ckpt is no whole checkpoint"):
        check_resumable(nn.Linear(2, 2), tmp_path)


def test_outside_a_checkout_there_is_no_git_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state() == ""
    record(tmp_path / "run", RecipeConfig(), {})
    assert json.loads((tmp_path / "run" / "run.json").read_text())["git"] == ""


def test_the_fingerprint_is_of_the_speech_and_not_of_its_place(tmp_path: Path) -> None:
    one = fingerprint(FrameBank(experiment.prepared(tmp_path / "a")))
    two = experiment.prepared(tmp_path / "b")
    assert fingerprint(FrameBank(two)) == one and one["utterances"] == 3
    assert fingerprint(FrameBank(CutSet.from_cuts(reversed(list(two))))) == one
    path = next((tmp_path / "b").rglob("bob-0.npy"))
    frames = np.load(path)
    frames[5, 3] += 1e-3
    np.save(path, frames)
    assert fingerprint(FrameBank(two))["checksum"] != one["checksum"]
