"""A recipe's file holds what differs; what it cannot hold is refused in one sentence that names it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from voicevae.training.config import RecipeConfig, load
from voicevae.training.settings import TrainingError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text)) == load(None) == RecipeConfig()


def test_only_what_is_named_changes(tmp_path: Path) -> None:
    config = load(
        written(tmp_path, "model: {channels: 32}\nelbo: {beta_content: 2}\nvae_training: {learning_rate: 5.0e-4}\n")
    )
    default = RecipeConfig()
    assert config.model.channels == 32 and config.model.content_dim == default.model.content_dim
    assert config.elbo.beta_content == 2.0 and isinstance(config.elbo.beta_content, float)
    assert config.vae_training.learning_rate == 5e-4 and config.vocoder == default.vocoder


def test_what_a_stage_does_not_name_keeps_the_stages_own_default(tmp_path: Path) -> None:
    """The later stages of the vocoder are shorter and slower than a training is by default."""
    config = load(
        written(tmp_path, "decoded_training: {batch_size: 3}\nadversarial: {windows: [512, 128], periods: []}")
    )
    default = RecipeConfig()
    assert config.decoded_training == replace(default.decoded_training, batch_size=3)
    assert config.decoded_training != replace(default.vocoder_training, batch_size=3)
    assert config.adversarial == replace(default.adversarial, windows=(512, 128), periods=())
    assert config.adversarial_training == default.adversarial_training


@pytest.mark.parametrize("text", ["1e-3", "5e4", "1.0e-3", "2E-4"])
def test_numbers_as_people_write_them(tmp_path: Path, text: str) -> None:
    """YAML 1.1 takes 1e-3, which has no dot, for a string."""
    config = load(written(tmp_path, f"vae_training: {{learning_rate: {text}}}"))
    assert config.vae_training.learning_rate == float(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("modle: {channels: 32}", "modle"),
        ("model: {chanels: 32}", "chanels"),
        ("model: {channels: wide}", "channels"),
        ("model: {channels: 32.5}", "channels"),
        ("model: {channels: true}", "channels"),
        ("model: {channels: }", "channels"),
        ("elbo: {beta_content: much}", "beta_content"),
        ("elbo: {beta_content: no}", "beta_content"),
        ("elbo: {beta_content: [1, 2]}", "beta_content"),
        ("vae_training: {precision: 32}", "precision"),
        ("adversarial: {periods: 2}", "periods"),
        ("adversarial: {periods: [2, three]}", "periods"),
        ("adversarial: {windows: [512, 12.5]}", "windows"),
        ("adversarial_training: 5", "adversarial_training"),
        ("model: 3", "model"),
        ("model:", "model"),
        ("- model", "recipe.yaml"),
        ("just words", "recipe.yaml"),
        ("model: {channels: 32", "recipe.yaml"),
        ("1: 2", "1"),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(TrainingError) as raised:
        load(written(tmp_path, text))
    message = str(raised.value)
    assert named in message and "recipe.yaml" in message and "\n" not in message


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00\x9c")
    for path in (tmp_path / "missing.yaml", tmp_path, binary):
        with pytest.raises(TrainingError, match=re.escape(str(path))):
            load(path)
