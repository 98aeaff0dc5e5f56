"""A bundle holds the averaged weights of the last checkpoints, and its card says what they were trained on."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.training.experiment import CONFIG, SPLITS, leave_checkpoint, untrained_vae
from voicevae import bundle
from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.config import About
from voicevae.training.export import VOCODER_STAGES, export
from voicevae.training.settings import TrainingError
from voicevae.training.stages import record
from voicevae.training.vocoder import VocoderTraining

N = CONFIG.features.n_channels
ABOUT = About("A test", "Twelve sentences.", "CC-BY 4.0", "Everything.")


def vocoder(seed: int, later: bool = False) -> VocoderTraining:
    torch.manual_seed(seed)
    normalisation = torch.randn(N), torch.rand(N) + 0.5
    if later:
        return AdversarialTraining(
            CONFIG.features, CONFIG.vocoder, CONFIG.adversarial, CONFIG.vocoder_training, *normalisation
        )
    return VocoderTraining(CONFIG.features, CONFIG.vocoder, CONFIG.vocoder_training, *normalisation)


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    """With the vocoder's first stage alone."""
    folder = tmp_path / "exp"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "report.json").write_text(json.dumps({"splits": SPLITS}))
    leave_checkpoint(folder / "vae", untrained_vae())
    leave_checkpoint(folder / "vocoder", vocoder(0))
    return folder


def test_the_bundle_holds_the_averaged_weights(exp: Path, tmp_path: Path) -> None:
    export(exp, tmp_path / "bundle", ABOUT)
    loaded = bundle.load(tmp_path / "bundle")
    assert loaded.speakers == ["ann", "bob"] and loaded.features == CONFIG.features
    for name, prefix in (("vae", "model."), ("vocoder", "vocoder.")):
        saved: dict[str, Any] = torch.load(exp / name / "last.ckpt", weights_only=True)["state_dict"]
        for key, value in loaded.weights[name].items():
            np.testing.assert_array_equal(value, saved[prefix + key].numpy().astype(value.dtype))  # half precision
    assert loaded.weights["vae"]["mel_mean"].dtype == np.float32


@pytest.mark.parametrize("stages", [["vocoder_adversarial"], ["vocoder_decoded"], list(VOCODER_STAGES[1:])])
def test_the_vocoder_is_the_one_of_the_last_stage_and_its_steps_are_those_of_all(
    exp: Path, tmp_path: Path, stages: list[str]
) -> None:
    for i, name in enumerate(stages, 1):
        leave_checkpoint(exp / name, vocoder(i, later=True), steps=100 * i)
    made = export(exp, tmp_path / "bundle", ABOUT)
    last = torch.load(exp / stages[-1] / "last.ckpt", weights_only=True)["state_dict"]
    for key, value in made.weights["vocoder"].items():
        np.testing.assert_array_equal(value, last["vocoder." + key].numpy().astype(value.dtype), err_msg=key)
    assert made.training["steps"] == {"vae": 1234, "vocoder": 1234 + sum(100 * i for i in range(1, len(stages) + 1))}
    assert not any("discriminators" in name for name in load_file(tmp_path / "bundle" / "vocoder.safetensors"))


def test_the_vocoder_is_corrected_as_often_as_in_its_last_stage(exp: Path, tmp_path: Path) -> None:
    changed = replace(CONFIG, vocoder=replace(CONFIG.vocoder, corrections=3))
    leave_checkpoint(exp / "vocoder_decoded", vocoder(1, later=True), config=changed)
    export(exp, tmp_path / "bundle", ABOUT)
    assert bundle.load(tmp_path / "bundle").vocoder.corrections == 3


def test_a_stage_that_has_no_checkpoint_yet_is_not_taken(exp: Path, tmp_path: Path) -> None:
    record(exp / "vocoder_adversarial", CONFIG, {})
    made = export(exp, tmp_path / "bundle", ABOUT)
    assert made.training["steps"]["vocoder"] == 1234


def test_the_card_says_what_it_was_trained_on(exp: Path, tmp_path: Path) -> None:
    card = export(exp, tmp_path / "bundle", ABOUT).card
    for said in ("# A test", "Twelve sentences.", "CC-BY 4.0", "Everything.", "| train | 12 | 0.50 | 2 |", "1,234"):
        assert said in card
    assert (tmp_path / "bundle" / "card.md").read_text() == card
    assert bundle.load(tmp_path / "bundle").training["licence"] == "CC-BY 4.0"


@pytest.mark.parametrize(
    "missing", ["vae", "vocoder", "vae/run.json", "vae/last.ckpt", "vocoder/last.ckpt", "data/report.json"]
)
def test_what_is_missing_is_named(exp: Path, tmp_path: Path, missing: str) -> None:
    shutil.rmtree(exp / missing) if (exp / missing).is_dir() else (exp / missing).unlink()
    with pytest.raises(TrainingError, match=re.escape(missing.split("/last")[0])):
        export(exp, tmp_path / "bundle", ABOUT)
    assert not (tmp_path / "bundle").exists()


def test_parts_trained_on_different_features_do_not_become_one(exp: Path, tmp_path: Path) -> None:
    file = exp / "vocoder" / "run.json"
    file.write_text(file.read_text().replace('"hop_length": 200', '"hop_length": 160'))
    with pytest.raises(TrainingError, match="different features"):
        export(exp, tmp_path / "bundle", ABOUT)
