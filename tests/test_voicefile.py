"""A voice comes back from its file to the bit; anything else is refused in one sentence that names the file."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

import voicevae
from voicevae import voicefile
from voicevae.adapted import weights
from voicevae.code import AdaptedSpeaker, Code, Speaker
from voicevae.errors import InputError, OutputError
from voicevae.voice import VoiceVAE


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture
def saved(vv: VoiceVAE, tmp_path: Path) -> Path:
    vv.save_voice(vv.sample(1), tmp_path / "new.voice")
    return tmp_path / "new.voice"


def said_of(path: Path, vae: str) -> str:
    with pytest.raises(InputError) as raised:
        voicefile.load(path, vae)
    message = str(raised.value)
    assert str(path) in message and ";" in message and "\n" not in message
    return message


def test_a_voice_comes_back_and_speaks_the_same(vv: VoiceVAE, saved: Path) -> None:
    wave = np.sin(np.arange(4000) / 10).astype(np.float32)
    for name, value in vars(vv.sample(1)).items():
        np.testing.assert_array_equal(getattr(vv.speaker(saved), name), value)
    np.testing.assert_array_equal(vv.convert(wave, voice=str(saved)), vv.convert(wave, voice=vv.sample(1)))


def test_it_is_small_and_nothing_else_is_left(saved: Path) -> None:
    assert saved.stat().st_size < 20_000
    assert [path.name for path in saved.parent.iterdir()] == ["new.voice"]


def test_the_voice_of_another_vae_is_refused(vv: VoiceVAE, saved: Path) -> None:
    assert "another bundle" in said_of(saved, "0123456789ab")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_refused(vv: VoiceVAE, saved: Path, share: float) -> None:
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    said_of(saved, vv.bundle.vae_checksum)


def contents(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays of a voice file, and what is said about them."""
    with safe_open(path, "numpy") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118, it is no dict
        return arrays, json.loads(opened.metadata()["about"])


def rewrite(path: Path, **changes: Any) -> None:
    arrays, about = contents(path)
    about |= {name: value for name, value in changes.items() if name in about}
    arrays |= {name: value for name, value in changes.items() if name in arrays}
    save_file(arrays, path, {"about": json.dumps(about)})


@pytest.mark.parametrize(
    "change",
    [
        {"format": "voicevae code 1"},
        {"log_f0_std": 0.0},
        {"log_f0_mean": "high"},
        {"z": np.full(64, np.nan, np.float32)},
        {"z": np.full(64, 1e300)},
        {"z": np.zeros(64, np.int64)},
        {"mel_cov": np.zeros(3240, np.float32)},
        {"mel_cov": np.ones(3, np.float32)},
        {"mel_mean": np.zeros(1, np.float32)},
    ],
)
def test_numbers_that_are_no_voice_are_refused(vv: VoiceVAE, saved: Path, change: dict[str, Any]) -> None:
    rewrite(saved, **change)
    said_of(saved, vv.bundle.vae_checksum)


def test_numbers_of_double_precision_are_read(vv: VoiceVAE, saved: Path) -> None:
    arrays, _ = contents(saved)
    rewrite(saved, **{name: array.astype(np.float64) for name, array in arrays.items()})
    for name, value in vars(vv.sample(1)).items():
        np.testing.assert_array_equal(getattr(vv.speaker(saved), name), value)
    assert np.isfinite(vv.convert(np.sin(np.arange(4000) / 10).astype(np.float32), voice=saved)).all()


@pytest.fixture
def adapted(vv: VoiceVAE, tmp_path: Path) -> AdaptedSpeaker:
    random, sizes = np.random.default_rng(0), vv.bundle.model
    loudness = 0.01 * random.standard_normal(weights(vv.config.n_channels, sizes.content_dim)).astype(np.float32)
    return AdaptedSpeaker(**vars(vv.sample(1)), loudness=loudness, dynamics=0.5)


def test_an_adapted_voice_comes_back_and_speaks_the_same(vv: VoiceVAE, adapted: AdaptedSpeaker, tmp_path: Path) -> None:
    vv.save_voice(adapted, tmp_path / "mine.voice")
    back = vv.speaker(tmp_path / "mine.voice")
    assert isinstance(back, AdaptedSpeaker)
    for name, value in vars(adapted).items():
        np.testing.assert_array_equal(getattr(back, name), value)
    wave = np.sin(np.arange(4000) / 10).astype(np.float32)
    made = vv.convert(wave, voice=tmp_path / "mine.voice")
    np.testing.assert_array_equal(made, vv.convert(wave, voice=adapted))
    code = vv.encode(wave).edit(adapted)
    code.save(tmp_path / "a.code.npz")
    np.testing.assert_array_equal(vv.decode(Code.load(tmp_path / "a.code.npz")), made)


def test_an_adapted_voice_is_small_and_a_large_file_is_refused(
    vv: VoiceVAE, adapted: AdaptedSpeaker, tmp_path: Path
) -> None:
    vv.save_voice(adapted, tmp_path / "mine.voice")
    assert (tmp_path / "mine.voice").stat().st_size < 20_000
    (tmp_path / "mine.voice").write_bytes((tmp_path / "mine.voice").read_bytes() + bytes(voicefile.LARGEST_BYTES))
    said_of(tmp_path / "mine.voice", vv.bundle.vae_checksum)


@pytest.mark.parametrize(
    "change", [{"dynamics": 1.6}, {"loudness": np.zeros((3, 2), np.float32)}, {"loudness": np.full(3, np.inf)}]
)
def test_an_adaptation_that_cannot_be_is_refused(
    vv: VoiceVAE, adapted: AdaptedSpeaker, tmp_path: Path, change: dict[str, Any]
) -> None:
    vv.save_voice(adapted, tmp_path / "mine.voice")
    rewrite(tmp_path / "mine.voice", **change)
    said_of(tmp_path / "mine.voice", vv.bundle.vae_checksum)


def test_what_is_no_voice_file_is_refused(vv: VoiceVAE, tmp_path: Path) -> None:
    (tmp_path / "sound.voice").write_bytes(b"RIFF WAVE fmt ")
    for path in (tmp_path / "missing.voice", tmp_path / "sound.voice"):
        assert str(path) in said_of(path, vv.bundle.vae_checksum)
    with pytest.raises(OutputError, match="end it in .voice"):
        vv.save_voice(vv.sample(1), tmp_path / "new.npz")
    with pytest.raises(OutputError, match="cannot be written"):
        vv.save_voice(vv.sample(1), tmp_path / "none" / "new.voice")


def test_a_file_of_another_kind_is_refused(vv: VoiceVAE, saved: Path) -> None:
    np.savez(saved.with_suffix(".npz"), z=np.array([Speaker], object))
    saved.with_suffix(".npz").replace(saved)
    said_of(saved, vv.bundle.vae_checksum)


def test_channels_that_would_fill_the_memory_are_refused(vv: VoiceVAE, saved: Path) -> None:
    """As many channels as 30,000 have a covariance of 7 GB."""
    rewrite(saved, mel_mean=np.zeros(30_000, np.float32))
    tracemalloc.start()
    said_of(saved, vv.bundle.vae_checksum)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
