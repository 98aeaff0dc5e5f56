"""A bundle holds the averaged weights of the last checkpoints, and its card says what they were trained on."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from voicevae import bundle
from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.training.config import About, RecipeConfig
from voicevae.training.export import export
from voicevae.training.run import TrainingError
from voicevae.training.stages import record
from voicevae.training.vae import ELBOConfig, VAETraining
from voicevae.training.vocoder import VocoderTraining
from voicevae.vocoders.source_filter import VocoderConfig

CONFIG = RecipeConfig(
    features=FeatureConfig(n_mels=20),
    model=ModelConfig(channels=16, content_blocks=1, decoder_blocks=1, speaker_channels=16, n_speakers=2),
    vocoder=VocoderConfig(16, 1, 3, 2),
)
SPLITS = {"train": {"utterances": 12, "hours": 0.5, "speakers": 2}}
ABOUT = About("A test", "Twelve sentences.", "CC-BY 4.0", "Everything.")


def checkpoint(folder: Path, module: torch.nn.Module, more: dict[str, object]) -> None:
    """What training leaves in its folder: averaged weights under `state_dict`, others elsewhere."""
    record(folder, CONFIG, more)
    averaged = module.state_dict()
    raw = {name: value + 1 for name, value in averaged.items()}
    saved = {"state_dict": averaged, "current_model_state": raw, "global_step": 1234}
    torch.save(saved, folder / "last.ckpt")


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    folder = tmp_path / "exp"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "report.json").write_text(json.dumps({"splits": SPLITS}))
    torch.manual_seed(0)
    vae = VAETraining(CONFIG.features, CONFIG.model, ELBOConfig(), CONFIG.vae_training)
    vae.model.mel_mean.copy_(torch.randn(20))
    vocoder = VocoderTraining(CONFIG.features, CONFIG.vocoder, CONFIG.vocoder_training, torch.randn(20), torch.ones(20))
    checkpoint(folder / "vae", vae, {"speakers": ["ann", "bob"]})
    checkpoint(folder / "vocoder", vocoder, {})
    return folder


def test_the_bundle_holds_the_averaged_weights(exp: Path, tmp_path: Path) -> None:
    export(exp, tmp_path / "bundle", ABOUT)
    loaded = bundle.load(tmp_path / "bundle")
    assert loaded.speakers == ["ann", "bob"] and loaded.features == CONFIG.features
    for module, name, prefix in ((loaded.vae, "vae", "model."), (loaded.vocoder, "vocoder", "vocoder.")):
        saved: dict[str, Any] = torch.load(exp / name / "last.ckpt", weights_only=True)["state_dict"]
        for key, value in module.state_dict().items():
            torch.testing.assert_close(value, saved[prefix + key], rtol=1e-3, atol=1e-4)  # half precision
    assert torch.equal(loaded.vae.mel_mean, torch.load(exp / "vae" / "last.ckpt")["state_dict"]["model.mel_mean"])


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
