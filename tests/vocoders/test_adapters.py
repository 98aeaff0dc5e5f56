"""Files that are no checkpoint are refused in one sentence; mels are converted or refused before they are spoken."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import voicevae
from tests.vocoders.published import (
    HIFIGAN_V1,
    hifigan_state,
    vocos_state,
    with_weight_norm,
    write_hifigan,
    write_vocos,
)
from voicevae import MelConfig
from voicevae.errors import BundleError, VoiceVAEError
from voicevae.features import FeatureConfig
from voicevae.features.foreign_mel import compute_mel, convert_mel
from voicevae.features.mel_config import HIFIGAN, TACOTRON2, VOCOS, ordinary
from voicevae.vocoders import load
from voicevae.vocoders.adapters import NeuralVocoder

OURS = ordinary(FeatureConfig())


class Payload:
    """Would leave a trace if it were unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.fixture(scope="module")
def hifigan(tmp_path_factory: pytest.TempPathFactory) -> NeuralVocoder:
    return load("hifigan", *write_hifigan(tmp_path_factory.mktemp("hifigan")))


def refused(*arguments: Any) -> str:
    with pytest.raises(BundleError) as error:
        load(*arguments)
    message = str(error.value)
    assert "\n" not in message and message.endswith(".")
    return message


@pytest.mark.parametrize("kind", ["vocos", "hifigan"])
def test_python_objects_are_never_unpickled(tmp_path: Path, kind: str) -> None:
    write = write_vocos if kind == "vocos" else write_hifigan
    files = write(tmp_path, {"generator": Payload(tmp_path / "trace")})
    message = refused(kind, *files)
    assert files[0].name in message and "never unpickled" in message
    assert not (tmp_path / "trace").exists()
    torch.load(files[0], weights_only=False)  # the trap works
    assert (tmp_path / "trace").exists()


@pytest.mark.parametrize("name", ["g_1", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"not a checkpoint\n" * 40, b"PK\x03\x04", b"\x80\x02}q\x00."])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    _, config = write_hifigan(tmp_path)
    (tmp_path / name).write_bytes(content)
    assert name in refused("hifigan", tmp_path / name, config)


@pytest.mark.parametrize("share", [0.1, 0.9])
@pytest.mark.parametrize("safe", [False, True])
def test_a_truncated_checkpoint_is_refused(tmp_path: Path, share: float, safe: bool) -> None:
    checkpoint, config = write_hifigan(tmp_path)
    if safe:
        checkpoint = tmp_path / "g.safetensors"
        save_file(hifigan_state(), checkpoint)
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: int(share * len(content))])
    assert checkpoint.name in refused("hifigan", checkpoint, config)


def test_missing_files_are_named(tmp_path: Path) -> None:
    checkpoint, config = write_hifigan(tmp_path)
    assert "nowhere.bin does not exist" in refused("hifigan", tmp_path / "nowhere.bin", config)
    assert "nowhere.json does not exist" in refused("hifigan", checkpoint, tmp_path / "nowhere.json")
    assert "does not exist" in refused("hifigan", tmp_path, config)
    assert "'wavenet'; known are vocos and hifigan" in refused("wavenet", checkpoint, config)


@pytest.mark.parametrize("text", ["{", "a: [", "\x00"])
def test_a_configuration_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    checkpoint, _ = write_hifigan(tmp_path)
    for name in ("c.json", "c.yaml"):
        (tmp_path / name).write_text(text)
        assert name in refused("hifigan", checkpoint, tmp_path / name)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s.pop("backbone.convnext.1.gamma"), "lacks backbone.convnext.1.gamma"),
        (lambda s: s.update({"head.out.bias": torch.zeros(514)}), r"head.out.bias is \[514\], but .* \[1026\]"),
        (lambda s: s.update({"head.out.bias": 3}), "head.out.bias is int"),
        (lambda s: s["backbone.norm.weight"].fill_(float("nan")), "backbone.norm.weight holds NaN"),
        (lambda s: s.update({"head.out.bias": torch.zeros(1026, dtype=torch.long)}), "head.out.bias holds .* whole"),
        (lambda s: s.update({"backbone.pos_net.0.weight": torch.zeros(3)}), "holds backbone.pos_net.0.weight, which"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_by_its_tensor(tmp_path: Path, change: Any, reason: str) -> None:
    state = vocos_state()
    change(state)
    assert re.search(reason, refused("vocos", *write_vocos(tmp_path, state)))


def test_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    checkpoint, _ = write_hifigan(tmp_path)
    _, config = write_vocos(tmp_path, vocos_state())
    assert "lacks backbone.embed.weight" in refused("vocos", checkpoint, config)


def test_half_a_weight_norm_is_refused(tmp_path: Path) -> None:
    state = with_weight_norm(hifigan_state(), "weight_g", "weight_v")
    del state["ups.1.weight_g"]
    assert "lacks ups.1.weight" in refused("hifigan", *write_hifigan(tmp_path, state))


def test_it_is_found_where_the_package_is_imported() -> None:
    assert voicevae.__getattr__("vocoders").load is load


def test_half_precision_is_read(tmp_path: Path) -> None:
    state = {name: value.half() for name, value in hifigan_state().items()}
    vocoder = load("hifigan", *write_hifigan(tmp_path, state))
    assert all(p.dtype == torch.float32 for p in vocoder.network.parameters())


def test_a_file_of_another_size_is_not_taken_for_the_model(tmp_path: Path) -> None:
    checkpoint, config = write_hifigan(tmp_path)
    config.write_text(json.dumps(HIFIGAN_V1 | {"upsample_initial_channel": 64}))
    assert "conv_pre.weight is [32, 80, 7], but its configuration asks for [64, 80, 7]" in refused(
        "hifigan", checkpoint, config
    )


@pytest.mark.parametrize("config", [TACOTRON2, OURS, replace(HIFIGAN, log="log10", floor=1e-10)])
def test_a_mel_of_another_configuration_is_converted(hifigan: NeuralVocoder, config: MelConfig) -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, config.sample_rate // 2).astype(np.float32)
    mel = compute_mel(wave, config)
    made = hifigan(mel, config)
    np.testing.assert_array_equal(made, hifigan(convert_mel(mel, config, HIFIGAN)))
    assert abs(len(made) / 22050 - 0.5) < 0.02


def test_a_mel_that_does_not_tell_what_the_vocoder_needs_is_refused_by_its_field(tmp_path: Path) -> None:
    vocoder = load("vocos", *write_vocos(tmp_path))
    with pytest.raises(VoiceVAEError, match="f_max_hz is 8000 where 12000 is asked for"):
        vocoder(np.full((30, 80), -4.0), OURS)
    with pytest.raises(VoiceVAEError, match="80 bands, but n_mels is 100"):
        vocoder(np.full((30, 80), -4.0))
    with pytest.raises(VoiceVAEError, match="transposed"):
        vocoder(torch.full((100, 30), -4.0))
    assert vocoder.mel_config == VOCOS
