"""A voice comes back from its file to the bit; anything else is refused in one sentence that names the file."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicevae
from voicevae import voicefile
from voicevae.code import Speaker
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


def rewrite(path: Path, **changes: Any) -> None:
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays.pop("about")))
    about |= {name: value for name, value in changes.items() if name in about}
    arrays |= {name: value for name, value in changes.items() if name in arrays}
    with open(path, "wb") as out:
        np.savez(out, about=json.dumps(about), **arrays)


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
        {"mel_mean": np.array(["a"])},
    ],
)
def test_numbers_that_are_no_voice_are_refused(vv: VoiceVAE, saved: Path, change: dict[str, Any]) -> None:
    rewrite(saved, **change)
    said_of(saved, vv.bundle.vae_checksum)


def test_numbers_of_double_precision_are_read(vv: VoiceVAE, saved: Path) -> None:
    with np.load(saved) as file:
        rewrite(saved, **{name: file[name].astype(np.float64) for name in ("z", "mel_mean", "mel_cov")})
    for name, value in vars(vv.sample(1)).items():
        np.testing.assert_array_equal(getattr(vv.speaker(saved), name), value)
    assert np.isfinite(vv.convert(np.sin(np.arange(4000) / 10).astype(np.float32), voice=saved)).all()


def test_what_is_no_voice_file_is_refused(vv: VoiceVAE, tmp_path: Path) -> None:
    (tmp_path / "sound.voice").write_bytes(b"RIFF WAVE fmt ")
    for path in (tmp_path / "missing.voice", tmp_path / "sound.voice"):
        assert str(path) in said_of(path, vv.bundle.vae_checksum)
    with pytest.raises(OutputError, match="end it in .voice"):
        vv.save_voice(vv.sample(1), tmp_path / "new.npz")
    with pytest.raises(OutputError, match="cannot be written"):
        vv.save_voice(vv.sample(1), tmp_path / "none" / "new.voice")


def test_nothing_in_it_is_unpickled(vv: VoiceVAE, saved: Path) -> None:
    rewrite(saved, z=np.array([Speaker], object))
    said_of(saved, vv.bundle.vae_checksum)


@pytest.mark.parametrize("part", ["z", "mel_mean"])
def test_a_small_file_that_would_fill_the_memory_is_refused(vv: VoiceVAE, saved: Path, part: str) -> None:
    """Zeros pack a thousandfold; and as many channels as 30,000 have a covariance of 7 GB."""
    sizes = {"z": 10_000_000, "mel_mean": 30_000}
    with np.load(saved) as file:
        arrays = dict(file)
    np.savez_compressed(saved.with_suffix(".npz"), **(arrays | {part: np.zeros(sizes[part], np.float32)}))
    saved.with_suffix(".npz").replace(saved)
    assert saved.stat().st_size < 1_000_000
    tracemalloc.start()
    said_of(saved, vv.bundle.vae_checksum)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
