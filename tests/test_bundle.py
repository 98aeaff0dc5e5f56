"""A bundle comes back as it was saved; a damaged or foreign one is refused in one sentence that names the file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import voicevae
from voicevae import bundle
from voicevae.bundle import Bundle
from voicevae.engine.torch_networks import bundle_of, modules_of
from voicevae.errors import BundleError
from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.vocoders.source_filter import VocoderConfig

FEATURES = FeatureConfig(n_mels=20, f_max_hz=7000.0)
MODEL = ModelConfig(
    channels=16, content_blocks=1, decoder_blocks=1, speaker_channels=16, speaker_blocks=1, n_speakers=2
)


def networks(seed: int = 0) -> tuple[CVAE, SourceFilter]:
    torch.manual_seed(seed)
    vae, vocoder = CVAE(FEATURES.n_channels, MODEL), SourceFilter(FEATURES, VocoderConfig(16, 1, 3, 2))
    vae.mel_mean.copy_(torch.randn(FEATURES.n_channels) * 1e-5)  # which half precision would lose
    return vae, vocoder


def made(seed: int = 0) -> Bundle:
    vae, vocoder = networks(seed)
    training = {"licence": "CC0", "steps": {"vae": 5}}
    return bundle_of(vae, vocoder, speakers=["ann", "bob"], training=training, card="# A card, naïve\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bundle.save(made(), tmp_path / "mine")
    return tmp_path / "mine"


def said_of(folder: Path) -> str:
    """The one sentence with which `folder` is refused."""
    with pytest.raises(BundleError) as raised:
        voicevae.load(folder)
    message = str(raised.value)
    assert "\n" not in message and ";" in message  # what is wrong; what to do
    return message


def rewrite(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_what_is_loaded_is_what_was_saved(folder: Path) -> None:
    saved, loaded = made(), bundle.load(folder)
    assert (loaded.features, loaded.model, loaded.vocoder) == (FEATURES, MODEL, saved.vocoder)
    assert (loaded.speakers, loaded.training, loaded.card) == (saved.speakers, saved.training, saved.card)
    for part, weights in saved.weights.items():
        assert weights.keys() == loaded.weights[part].keys()
        for name, value in weights.items():
            np.testing.assert_array_equal(loaded.weights[part][name], value, err_msg=name)


def test_half_precision_is_near_and_normalisation_statistics_are_kept_in_full() -> None:
    vae, vocoder = networks()
    for module, back in zip((vae, vocoder), modules_of(bundle_of(vae, vocoder)), strict=True):
        for (name, value), other in zip(module.state_dict().items(), back.state_dict().values(), strict=True):
            torch.testing.assert_close(other, value, rtol=1e-3, atol=1e-6, msg=name)
        assert torch.equal(back.mel_mean, module.mel_mean)


def test_saved_again_it_is_the_same_and_other_weights_are_not(folder: Path, tmp_path: Path) -> None:
    loaded = bundle.load(folder)
    bundle.save(loaded, tmp_path / "again")
    assert bundle.load(tmp_path / "again").checksum == loaded.checksum != ""
    bundle.save(made(seed=1), tmp_path / "other")
    assert bundle.load(tmp_path / "other").checksum != loaded.checksum


def test_it_works_at_any_place(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "a place" / "of its own"
    shutil.move(folder, elsewhere)
    assert bundle.load(str(elsewhere)).card == made().card


def test_saving_replaces_the_bundle_and_keeps_what_lies_beside_it(folder: Path) -> None:
    (folder / "voices").mkdir()
    (folder / "voices" / "ann.txt").write_text("ann")
    bundle.save(made(seed=1), folder)
    means = [one.weights["vae"]["prior.means.weight"] for one in (bundle.load(folder), made(seed=1))]
    np.testing.assert_array_equal(*means)
    assert (folder / "voices" / "ann.txt").read_text() == "ann"
    assert sorted(p.name for p in folder.parent.iterdir()) == ["mine"]


def test_a_save_that_fails_leaves_the_old_bundle(folder: Path) -> None:
    broken, before = made(), bundle.load(folder).checksum
    broken.training["steps"] = object()  # no JSON
    with pytest.raises(TypeError):
        bundle.save(broken, folder)
    assert bundle.load(folder).checksum == before
    assert sorted(p.name for p in folder.parent.iterdir()) == ["mine"]


@pytest.mark.parametrize("name", ["config.json", "card.md", "vae.safetensors", "vocoder.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert str(folder / name) in said_of(folder)


@pytest.mark.parametrize("name", ["config.json", "vae.safetensors", "vocoder.safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_named(folder: Path, name: str, share: float) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    assert str(folder / name) in said_of(folder)


@pytest.mark.parametrize("name", ["config.json", "card.md", "vae.safetensors", "vocoder.safetensors"])
def test_a_foreign_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\x80\x04\x95\xff RIFF WAVE fmt")
    assert str(folder / name) in said_of(folder)


def test_one_flipped_bit_is_found(folder: Path) -> None:
    file = folder / "vae.safetensors"
    content = bytearray(file.read_bytes())
    content[-7] ^= 1
    file.write_bytes(content)
    assert "checksum" in said_of(folder) and str(file) in said_of(folder)


@pytest.mark.parametrize("change", ["foreign", "less", "shape"])
def test_weights_of_another_network_are_refused_even_with_their_checksum(folder: Path, change: str) -> None:
    file = folder / "vae.safetensors"
    weights = load_file(file)
    if change == "foreign":
        file.write_bytes(b"not tensors at all")
    elif change == "less":
        save_file({k: v for k, v in weights.items() if "prior" not in k}, file)
    else:
        save_file(weights | {"mel_mean": torch.zeros(21)}, file)
    sums = json.loads((folder / "config.json").read_text())["sha256"]
    rewrite(folder, sha256=sums | {"vae.safetensors": bundle._sha256(file)})
    assert str(file) in said_of(folder)


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_another_schema_says_so(folder: Path, schema: object) -> None:
    rewrite(folder, schema=schema)
    said = said_of(folder)
    assert "schema" in said and repr(schema) in said and str(folder / "config.json") in said


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("features", None),
        ("features", {"hop": 3}),
        ("features", {"n_mels": "many"}),
        ("features", {"n_mels": -1}),
        ("features", {"n_mels": 1}),
        ("features", {"n_harmonicity": -1}),
        ("features", {"n_harmonicity": -30}),
        ("features", {"unvoiced_width_hz": "wide"}),
        ("features", {"hop_length": "short"}),
        ("features", {"n_fft": 0}),
        ("model", {"channels": -4}),
        ("model", {"kernel_size": 4.5}),
        ("model", {"content_dim": True}),
        ("vocoder", []),
        ("vocoder", {"corrections": 1.5}),
        ("sha256", None),
        ("sha256", ["vae"]),
        ("sha256", {"vae.safetensors": 3}),
        ("speakers", 3),
        ("training", "long"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_named(folder: Path, part: str, value: object) -> None:
    """A dictionary is laid over what stood there; anything else takes its place."""
    before = json.loads((folder / "config.json").read_text())[part]
    rewrite(folder, **{part: before | value if isinstance(value, dict) else value})
    assert str(folder) in said_of(folder)


@pytest.mark.parametrize("text", ["[]", "3", "null", '{"schema": 1}'])
def test_json_that_is_no_configuration(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    assert str(folder / "config.json") in said_of(folder)


def test_what_is_no_bundle_folder(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("hello")
    for path in (tmp_path / "missing", tmp_path / "file.txt", tmp_path):
        assert str(path) in said_of(path)


def test_nothing_is_unpickled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a bundle was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(torch, "load", refuse)
    assert bundle.load(folder).speakers == ["ann", "bob"]


@pytest.mark.parametrize(("name", "value"), [("hop_length", 160), ("hop_length", 0), ("sample_rate", 22050)])
def test_a_configuration_changed_by_hand_is_refused(make_bundle: Callable[..., Path], name: str, value: int) -> None:
    path = make_bundle(seed=5)
    config = json.loads((path / "config.json").read_text())
    config["features"][name] = value
    (path / "config.json").write_text(json.dumps(config))
    with pytest.raises(BundleError, match="config.json"):
        bundle.load(path)
