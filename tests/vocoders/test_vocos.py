"""A Vocos of known weights makes the sound that its spectrum says, whatever file it came in."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.vocoders.published import VOCOS, vocos_state, write_vocos
from voicevae.errors import BundleError
from voicevae.features.mel_config import VOCOS as MEL
from voicevae.features.mel_config import MelConfig
from voicevae.vocoders import load

FRAMES = 30


def changed(part: str, **arguments: Any) -> dict[str, Any]:
    config = deepcopy(VOCOS)
    for name, value in arguments.items():
        if value is None:
            del config[part]["init_args"][name]
        else:
            config[part]["init_args"][name] = value
    return config


def mel(n_frames: int = FRAMES, n_mels: int = 100) -> np.ndarray:
    return np.random.default_rng(0).normal(-5, 2, (n_frames, n_mels)).clip(-12, 0)


def test_it_speaks(tmp_path: Path) -> None:
    vocoder = load("vocos", *write_vocos(tmp_path))
    wave = vocoder(mel())
    assert wave.shape == ((FRAMES - 1) * 256,) and wave.dtype == np.float32
    assert np.isfinite(wave).all() and wave.std() > 0
    assert vocoder.mel_config == MEL


@pytest.mark.parametrize("padding", ["center", "same"])
def test_a_head_of_known_weights_gives_the_known_spectrum(tmp_path: Path, padding: str) -> None:
    """With a weight of 0 every frame has the spectrum of the bias: here that of a cosine of a whole number of hops."""
    bin_, magnitude, phase = 16, 40.0, 0.7  # 4 periods a hop, so each frame sees the same phase
    config = deepcopy(VOCOS)
    for part in ("feature_extractor", "head"):
        config[part]["init_args"]["padding"] = padding
    state = vocos_state(config)
    state["head.out.weight"] = torch.zeros(1026, 24)
    state["head.out.bias"] = torch.cat([torch.full((513,), -30.0), torch.zeros(513)])
    state["head.out.bias"][bin_], state["head.out.bias"][513 + bin_] = np.log(magnitude), phase
    wave = load("vocos", *write_vocos(tmp_path, state, config))(mel())
    # Each frame is (2 A / N) cos times the window; sum w / sum w^2 is 4/3.
    start = -384 if padding == "same" else -512  # of the first frame
    n = np.arange(len(wave))
    expected = 4 / 3 * 2 * magnitude / 1024 * np.cos(2 * np.pi * bin_ / 1024 * (n - start) + phase)
    inside = slice(1024, -1024)
    np.testing.assert_allclose(wave[inside], expected[inside], atol=1e-5)
    assert len(wave) == 256 * (FRAMES - (padding == "center"))


def test_a_true_stft_comes_back_as_its_sound(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, 256 * (FRAMES - 1)).astype(np.float32)
    wave, window = torch.from_numpy(sound)[None], torch.hann_window(1024)
    spectrum = torch.stft(wave, 1024, 256, window=window, center=True, return_complex=True)
    made = load("vocos", *write_vocos(tmp_path)).network.head.istft(spectrum)[0]
    np.testing.assert_allclose(made, sound, atol=1e-5)


def test_a_magnitude_is_held_at_a_hundred(tmp_path: Path) -> None:
    state = vocos_state()
    state["head.out.weight"] = torch.zeros(1026, 24)
    waves = []
    for level in (np.log(100.0), 20.0):
        state["head.out.bias"] = torch.cat([torch.full((513,), level), torch.zeros(513)])
        waves.append(load("vocos", *write_vocos(tmp_path, state))(mel()))
    np.testing.assert_allclose(waves[0], waves[1], atol=1e-5)


def test_blocks_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vocoder = load("vocos", *write_vocos(tmp_path))
    whole = vocoder(mel(70))
    for chunk in (1, 7, 69):
        monkeypatch.setattr("voicevae.vocoders.adapters.CHUNK_FRAMES", chunk)
        np.testing.assert_allclose(vocoder(mel(70)), whole, atol=1e-6)


def test_safetensors_without_what_can_be_computed_are_the_same(tmp_path: Path) -> None:
    checkpoint, config = write_vocos(tmp_path)
    state = vocos_state()
    del state["head.istft.window"]
    save_file(state, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(
        load("vocos", tmp_path / "model.safetensors", config)(mel()), load("vocos", checkpoint, config)(mel())
    )


@pytest.mark.filterwarnings("ignore:At least one mel filterbank")
def test_the_filters_in_a_checkpoint_are_those_of_its_configuration(tmp_path: Path) -> None:
    import torchaudio

    filters = torchaudio.functional.melscale_fbanks(513, 0.0, 12000.0, 100, 24000)
    state = vocos_state() | {
        "feature_extractor.mel_spec.mel_scale.fb": filters,
        "feature_extractor.mel_spec.spectrogram.window": torch.hann_window(1024),
    }
    assert load("vocos", *write_vocos(tmp_path, state)).mel_config == MEL
    state["feature_extractor.mel_spec.mel_scale.fb"] = torchaudio.functional.melscale_fbanks(513, 0.0, 8e3, 100, 24000)
    with pytest.raises(BundleError, match="pytorch_model.bin: feature_extractor.mel_spec.mel_scale.fb are other"):
        load("vocos", *write_vocos(tmp_path, state))


def test_the_mel_of_a_variant_is_read_from_its_configuration(tmp_path: Path) -> None:
    config = changed("feature_extractor", sample_rate=16000, f_min=20, f_max=7600, norm="slaney", mel_scale="slaney")
    found = load("vocos", *write_vocos(tmp_path, vocos_state(), config)).mel_config
    assert found == MelConfig(16000, 256, 1024, 1024, 100, 20, 7600, floor=1e-7)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"backbone": VOCOS["backbone"], "head": VOCOS["head"]}, "lacks feature_extractor.class_path"),
        ([1, 2], "lacks feature_extractor.class_path"),
        (
            VOCOS | {"head": {"class_path": "vocos.heads.IMDCTCosHead", "init_args": {}}},
            "head.class_path is IMDCTCosHead",
        ),
        (VOCOS | {"head": {"class_path": "vocos.heads.ISTFTHead"}}, "lacks head.init_args"),
        (changed("backbone", adanorm_num_embeddings=4), "backbone.init_args.adanorm_num_embeddings is not known"),
        (changed("feature_extractor", normalize=True), "feature_extractor.init_args.normalize is not known"),
        (changed("feature_extractor", padding="left"), "padding is 'left'; give one of center, same"),
        (changed("feature_extractor", n_mels="many"), "n_mels is 'many'"),
        (changed("feature_extractor", sample_rate="fast"), "feature_extractor.init_args"),
        (changed("backbone", dim=None), "lacks backbone.init_args.dim"),
        (changed("backbone", num_layers=-1), "backbone.init_args.num_layers is -1"),
        (changed("backbone", input_channels=80), "backbone.init_args.input_channels is 80, but n_mels is 100"),
        (changed("head", dim=32), "head.init_args.dim is not backbone.init_args.dim, 24"),
        (changed("head", hop_length=300), "head.init_args.hop_length is 300, but the feature extractor's is 256"),
        (changed("head", padding=None), "head.init_args.padding is 'same', but the feature extractor's is 'center'"),
    ],
)
def test_a_configuration_that_is_no_vocos_is_refused_by_its_field(tmp_path: Path, config: Any, field: str) -> None:
    with pytest.raises(BundleError, match=f"config.yaml.*{field}"):
        load("vocos", *write_vocos(tmp_path, vocos_state(), config))
