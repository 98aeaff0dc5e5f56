"""HiFi-GAN's generator does by hand-set weights what a hand computes, in every layout in which it is published."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.vocoders.published import HIFIGAN_V1, HIFIGAN_V3, hifigan_state, with_weight_norm, write_hifigan
from voicevae.errors import BundleError
from voicevae.features.mel_config import HIFIGAN
from voicevae.vocoders import load

CONFIGS = {"V1": HIFIGAN_V1, "V2": HIFIGAN_V1 | {"upsample_initial_channel": 16}, "V3": HIFIGAN_V3}


def mel(n_frames: int = 20) -> np.ndarray:
    return np.random.default_rng(0).normal(-4, 2, (n_frames, 80)).clip(-11.5, 1)


@pytest.mark.parametrize("name", list(CONFIGS))
@pytest.mark.parametrize("n_frames", [1, 20])
def test_every_frame_becomes_a_hop(tmp_path: Path, name: str, n_frames: int) -> None:
    vocoder = load("hifigan", *write_hifigan(tmp_path, config=CONFIGS[name]))
    wave = vocoder(mel(n_frames))
    assert wave.shape == (n_frames * 256,) and wave.dtype == np.float32
    assert np.isfinite(wave).all() and wave.std() > 0 and np.abs(wave).max() <= 1
    assert vocoder.mel_config == HIFIGAN


@pytest.mark.parametrize("name", ["V1", "V3"])
def test_every_layout_of_the_weights_is_the_same_voice(tmp_path: Path, name: str) -> None:
    """Weight norm is g v / ||v||, here of directions 3.7 times too long; removed, it is the plain weight."""
    plain = hifigan_state(CONFIGS[name])
    old = with_weight_norm(plain, "weight_g", "weight_v")
    new = with_weight_norm(plain, "parametrizations.weight.original0", "parametrizations.weight.original1")
    wanted = load("hifigan", *write_hifigan(tmp_path, {"generator": plain}, CONFIGS[name]))(mel())
    for state in ({"generator": old}, {"generator": new}, old, plain):
        made = load("hifigan", *write_hifigan(tmp_path, state, CONFIGS[name]))(mel())
        np.testing.assert_allclose(made, wanted, atol=1e-5)
    save_file(old, tmp_path / "generator.safetensors")
    made = load("hifigan", tmp_path / "generator.safetensors", tmp_path / "config.json")(mel())
    np.testing.assert_allclose(made, wanted, atol=1e-5)


def test_by_hand_a_constant_goes_through_every_activation(tmp_path: Path) -> None:
    """One band reaches one channel, is copied to every sample, and passes residual blocks that add nothing.

    From mel value m: leaky_relu with slope .1 before each of four upsamplings, .01 before the last layer, then tanh.
    """
    state = {name: torch.zeros_like(value) for name, value in hifigan_state().items()}
    state["conv_pre.weight"][0, 5, 3] = 1.0
    for i, rate in enumerate(HIFIGAN_V1["upsample_rates"]):
        state[f"ups.{i}.weight"][0, 0, rate // 2 : rate // 2 + rate] = 1.0  # of 2 * rate taps: each sample is hit once
    state["conv_post.weight"][0, 0, 3] = 1.0
    vocoder = load("hifigan", *write_hifigan(tmp_path, state))
    for value, expected in ((0.5, np.tanh(0.5)), (-8.0, np.tanh(-8.0 * 0.1**4 * 0.01))):
        wave = vocoder(np.full((6, 80), value))
        np.testing.assert_allclose(wave, expected, rtol=1e-4)


@pytest.mark.parametrize("resblock", ["1", "2"])
def test_by_hand_a_residual_block_adds_what_its_convolutions_say(tmp_path: Path, resblock: str) -> None:
    """With biases of b alone, blocks of n kinds add the mean over kinds of what each adds."""
    config = CONFIGS["V1" if resblock == "1" else "V3"]
    state = {name: torch.zeros_like(value) for name, value in hifigan_state(config).items()}
    last = len(config["upsample_rates"]) - 1
    kinds = len(config["resblock_kernel_sizes"])
    part = "convs2" if resblock == "1" else "convs"
    for j in range(kinds):
        state[f"resblocks.{last * kinds + j}.{part}.0.bias"][0] = 0.1 * (j + 1)
    state["conv_post.weight"][0, 0, 3] = 1.0
    wave = load("hifigan", *write_hifigan(tmp_path, state, config))(mel(3))
    np.testing.assert_allclose(wave, np.tanh(0.2), rtol=1e-5)  # the mean of .1, .2 and .3


@pytest.mark.parametrize("name", ["V1", "V3"])
def test_blocks_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    vocoder = load("hifigan", *write_hifigan(tmp_path, config=CONFIGS[name]))
    whole = vocoder(mel(50))
    for chunk in (13, 49):
        monkeypatch.setattr("voicevae.vocoders.adapters.CHUNK_FRAMES", chunk)
        np.testing.assert_allclose(vocoder(mel(50)), whole, atol=1e-6)


def test_odd_upsampling_still_gives_whole_hops(tmp_path: Path) -> None:
    config = HIFIGAN_V3 | {"upsample_rates": [5, 5, 4], "upsample_kernel_sizes": [10, 10, 8], "hop_size": 100}
    assert load("hifigan", *write_hifigan(tmp_path, config=config))(mel(7)).shape == (700,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"resblock": "3"}, "resblock is '3'; known are '1' and '2'"),
        ({"hop_size": 300}, "upsample_rates make 256 samples a frame, but hop_size is 300"),
        ({"upsample_rates": [8, 8, 4]}, "upsample_kernel_sizes must have one size for each of upsample_rates"),
        ({"upsample_kernel_sizes": [4, 16, 4, 4]}, "upsample_kernel_sizes must have one size .* no smaller"),
        ({"upsample_rates": "8"}, "upsample_rates is '8'; it must be a list"),
        ({"upsample_initial_channel": 12}, "upsample_initial_channel is 12, which cannot be halved 4 times"),
        ({"resblock_kernel_sizes": [3, 7, 10]}, "resblock_kernel_sizes are .* must be odd"),
        ({"resblock_dilation_sizes": [[1, 3, 5]]}, "resblock_dilation_sizes must have one list for each"),
        ({"resblock_dilation_sizes": [[1], [1], [0]]}, r"resblock_dilation_sizes\[2\] is \[0\]"),
        ({"num_mels": "80"}, "num_mels is '80'"),
        ({"sampling_rate": 0}, "sampling_rate is 0"),
        ({"fmax": 12000}, "f_max_hz is 12000"),
        ({"win_size": 2048}, "win_length is 2048"),
    ],
)
def test_a_configuration_without_sense_is_refused_by_its_field(tmp_path: Path, changes: Any, field: str) -> None:
    with pytest.raises(BundleError, match=f"config.json: .*{field}"):
        load("hifigan", *write_hifigan(tmp_path, hifigan_state(), HIFIGAN_V1 | changes))


@pytest.mark.parametrize("name", ["resblock", "upsample_rates", "resblock_dilation_sizes", "num_mels", "fmin", "n_fft"])
def test_a_missing_field_is_named(tmp_path: Path, name: str) -> None:
    checkpoint, config = write_hifigan(tmp_path)
    config.write_text(json.dumps({key: value for key, value in HIFIGAN_V1.items() if key != name}))
    with pytest.raises(BundleError, match=f"config.json lacks {name};"):
        load("hifigan", checkpoint, config)


@pytest.mark.parametrize("state", [{"mpd": {}, "msd": {}}, {"generator": torch.zeros(3)}, {"a.weight": torch.zeros(3)}])
def test_a_checkpoint_without_a_generator_is_refused(tmp_path: Path, state: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="g_02500000 holds no HiFi-GAN generator"):
        load("hifigan", *write_hifigan(tmp_path, state))
