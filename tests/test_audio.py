"""Sound in and out: what is read is what was written, in any container, and bad sound is refused in one sentence."""

import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from voicevae import audio, samples
from voicevae.errors import AudioError, VoiceVAEError


def tone(rate: int, seconds: float = 1.0, hz: float = 220.0, peak: float = 0.5) -> np.ndarray:
    return (peak * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def residue_db(wave: np.ndarray, expected: np.ndarray) -> float:
    """Level of the difference relative to what was expected, without the 20 ms at either end, in dB."""
    edge = 320
    difference = (wave - expected)[edge:-edge]
    return 20 * np.log10(np.sqrt(np.mean(difference**2)) / np.sqrt(np.mean(expected[edge:-edge] ** 2)) + 1e-9)


@pytest.mark.parametrize(
    ("rate", "channels", "extension", "subtype", "limit_db"),
    [
        (16000, 1, ".wav", "PCM_16", -80),
        (44100, 2, ".wav", "PCM_16", -80),
        (8000, 1, ".wav", "PCM_U8", -35),
        (96000, 1, ".flac", "PCM_24", -80),
        (48000, 6, ".wav", "FLOAT", -80),
        (22050, 1, ".ogg", "VORBIS", -15),
        (44100, 2, ".mp3", "MPEG_LAYER_III", -15),
        (11025, 1, ".aiff", "PCM_16", -80),
    ],
)
def test_any_file_becomes_the_same_mono_sound(
    tmp_path: Path, rate: int, channels: int, extension: str, subtype: str, limit_db: float
) -> None:
    path = tmp_path / f"tone{extension}"
    sf.write(path, np.stack([tone(rate)] * channels, axis=1), rate, subtype=subtype)
    wave = audio.read(path, 16000)
    assert wave.dtype == np.float32 and wave.shape == (16000,)
    assert residue_db(wave, tone(16000)) < limit_db


@pytest.mark.parametrize("channels", [1, 2])
def test_a_long_mp3_is_read_without_gaps(tmp_path: Path, channels: int) -> None:
    path, seconds = tmp_path / "long.mp3", 5.0
    sf.write(path, np.stack([tone(44100, seconds)] * channels, axis=1), 44100, subtype="MPEG_LAYER_III")
    assert residue_db(audio.read(path, 16000), tone(16000, seconds)) < -15


def test_channels_are_added_to_the_level_of_the_loudest(tmp_path: Path) -> None:
    left, right = tone(16000, hz=200), tone(16000, hz=300)
    sf.write(tmp_path / "stereo.wav", np.stack([left, right], axis=1), 16000, subtype="FLOAT")
    np.testing.assert_allclose(audio.read(tmp_path / "stereo.wav", 16000), (left + right) / np.sqrt(2), atol=1e-6)


def test_resampling_removes_what_the_new_rate_cannot_hold(tmp_path: Path) -> None:
    sf.write(tmp_path / "mix.wav", tone(44100) + tone(44100, hz=11000, peak=0.4), 44100, subtype="FLOAT")
    assert residue_db(audio.read(tmp_path / "mix.wav", 16000), tone(16000)) < -80


@pytest.mark.parametrize("block", [1, 7, 1000, 1 << 20])
def test_the_size_of_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    wave = np.random.default_rng(0).uniform(-1, 1, 6000).astype(np.float32)
    whole = audio.from_array(wave, 22050, 16000)
    monkeypatch.setattr(audio, "BLOCK", block)
    np.testing.assert_allclose(audio.from_array(wave, 22050, 16000), whole, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda wave: wave,
        lambda wave: wave.astype(np.float64),
        lambda wave: np.round(wave * 2**15).astype(np.int16),
        lambda wave: np.round(wave * 2**31).astype(np.int32),
        lambda wave: wave[None],
        lambda wave: wave[:, None],
        lambda wave: np.stack([wave, wave]),
        lambda wave: np.stack([wave] * 6, axis=1),
        lambda wave: torch.from_numpy(wave)[None].requires_grad_(),
        lambda wave: torch.from_numpy(wave).double(),
        lambda wave: list(wave),
    ],
)
def test_arrays_of_every_kind_give_the_same_sound(make: Callable[[np.ndarray], object]) -> None:
    wave = tone(16000)
    result = audio.from_array(make(wave), 16000, 16000)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, wave, atol=2**-15)


def test_eight_bit_and_half_precision_arrays_are_scaled() -> None:
    wave = tone(16000)
    np.testing.assert_allclose(
        audio.from_array(np.round(wave * 128 + 128).astype(np.uint8), 16000, 16000), wave, atol=0.01
    )
    np.testing.assert_allclose(audio.from_array(torch.from_numpy(wave).bfloat16(), 16000, 16000), wave, atol=0.01)


def test_the_callers_array_is_not_shared() -> None:
    wave = tone(16000)
    audio.from_array(wave, 16000, 16000)[:] = 0
    assert np.abs(wave).max() > 0.4


@pytest.mark.parametrize("extension", list(audio.FORMATS))
def test_what_is_written_is_read_back(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"out{extension}"
    assert audio.write(path, tone(16000), 16000) == 1.0
    assert sf.info(path).samplerate == 16000 and sf.info(path).channels == 1
    assert residue_db(audio.read(path, 16000), tone(16000)) < (-15 if extension in (".ogg", ".mp3") else -75)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6), st.floats(0.1, 8))
def test_blocks_are_written_as_the_whole_would_be(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], peak: float
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    wave = peak * np.random.default_rng(sum(sizes)).uniform(-1, 1, sum(sizes)).astype(np.float32)
    blocks = np.split(wave, np.cumsum(sizes)[:-1])
    assert audio.write(folder / "a.wav", iter(blocks), 16000) == audio.write(folder / "b.wav", wave, 16000)
    assert (folder / "a.wav").read_bytes() == (folder / "b.wav").read_bytes()


def test_output_never_clips_and_says_so(tmp_path: Path) -> None:
    gain = audio.write(tmp_path / "loud.wav", tone(16000, peak=3.0), 16000)
    wave = sf.read(tmp_path / "loud.wav")[0]
    assert gain == pytest.approx(0.99 / 3, rel=1e-3)
    assert np.abs(wave).max() == pytest.approx(0.99, abs=1e-3)
    assert residue_db(wave, tone(16000, peak=0.99)) < -75


def test_a_peak_of_one_is_left_alone(tmp_path: Path) -> None:
    wave = tone(16000)
    wave[100] = -1.0
    assert audio.write(tmp_path / "full.wav", wave, 16000) == 1.0


def _broken_blocks() -> Iterator[np.ndarray]:
    yield tone(16000)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "wave", [_broken_blocks(), iter(()), np.zeros(0), np.full(100, np.nan), np.full(100, np.inf), np.zeros((2, 100))]
)
def test_a_failed_write_leaves_the_folder_as_it_was(tmp_path: Path, wave: np.ndarray) -> None:
    (tmp_path / "out.wav").write_bytes(b"precious")
    with pytest.raises((AudioError, KeyboardInterrupt)):
        audio.write(tmp_path / "out.wav", wave, 16000)
    assert os.listdir(tmp_path) == ["out.wav"] and (tmp_path / "out.wav").read_bytes() == b"precious"


def test_an_output_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outputs = ["out.xyz", "out", "none/out.wav", "file/out.wav", "x" * 300 + ".wav"]
    for path in [*(tmp_path / name for name in outputs), tmp_path, Path("/proc/out.wav")]:
        with pytest.raises(AudioError) as caught:
            audio.write(path, tone(16000), 16000)
        assert_one_sentence(caught.value, str(path))
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_may_be_replaced_by_its_own_edit(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", tone(16000), 16000)
    audio.write(tmp_path / "a.wav", audio.read(tmp_path / "a.wav", 16000)[::2], 8000)
    assert residue_db(audio.read(tmp_path / "a.wav", 16000), tone(16000)) < -70


def _with(value: float) -> np.ndarray:
    wave = tone(16000)
    wave[5000] = value
    return wave


@pytest.mark.parametrize(
    ("wave", "subtype"),
    [
        (np.zeros(0), "PCM_16"),
        (_with(np.nan), "FLOAT"),
        (_with(np.inf), "FLOAT"),
        (_with(-np.inf), "FLOAT"),
        (np.zeros(16000), "PCM_16"),
        (np.zeros(16000), "PCM_U8"),
        (np.full(16000, 0.01), "PCM_16"),
        (tone(16000, 0.04), "PCM_16"),
        (tone(16000) * 32768, "FLOAT"),
    ],
    ids=["no samples", "nan", "inf", "-inf", "silence", "8-bit silence", "constant", "40 ms", "unscaled"],
)
@pytest.mark.parametrize("rate", [16000, 44100])
def test_bad_sound_is_refused(tmp_path: Path, wave: np.ndarray, subtype: str, rate: int) -> None:
    wave = np.repeat(wave, 2) if rate == 44100 else wave
    path = tmp_path / "bad.wav"
    sf.write(path, wave, rate, subtype=subtype)
    with pytest.raises(AudioError) as caught:
        audio.read(path, 16000)
    assert_one_sentence(caught.value, str(path))
    with pytest.raises(AudioError):
        audio.from_array(wave, rate, 16000)


@pytest.mark.parametrize("name", ["missing.wav", "", "empty.wav", "text.wav", "noise.mp3", "noise.raw", "headless.wav"])
def test_what_is_no_audio_is_refused(tmp_path: Path, name: str) -> None:
    sf.write(tmp_path / "good.wav", tone(16000), 16000)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("not audio " * 1000)
    (tmp_path / "noise.mp3").write_bytes(np.random.default_rng(0).bytes(1000))
    (tmp_path / "noise.raw").write_bytes(np.random.default_rng(0).bytes(1000))
    (tmp_path / "headless.wav").write_bytes((tmp_path / "good.wav").read_bytes()[:30])
    with pytest.raises(AudioError) as caught:
        audio.read(tmp_path / name, 16000)
    assert_one_sentence(caught.value, str(tmp_path / name))


@pytest.mark.parametrize(
    ("wave", "rate"),
    [
        (np.zeros((1, 2, 16000)), 16000),
        (np.float32(1), 16000),
        (np.ones(16000, np.int64), 16000),
        (np.ones(16000, complex), 16000),
        ("speech.wav", 16000),
        (tone(16000), None),
        (tone(16000), 0),
        (tone(16000), -16000),
        (tone(16000), float("nan")),
    ],
)
def test_what_is_no_sound_in_memory_is_refused(wave: object, rate: float) -> None:
    with pytest.raises(AudioError) as caught:
        audio.from_array(wave, rate, 16000)
    assert_one_sentence(caught.value)


def test_the_shortest_and_the_quietest_that_pass() -> None:
    samples.check(tone(16000, 0.1), 16000, "wave")
    samples.check(tone(16000, peak=1e-3), 16000, "wave")
    assert issubclass(AudioError, VoiceVAEError)


def test_a_long_file_costs_little_over_its_result(tmp_path: Path) -> None:
    rate, seconds = 44100, 300
    second = np.stack([tone(rate)] * 2, axis=1)
    with sf.SoundFile(tmp_path / "long.wav", "w", rate, 2) as file:
        for _ in range(seconds):
            file.write(second)
    tracemalloc.start()
    wave = audio.read(tmp_path / "long.wav", 16000)
    read_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    audio.write(tmp_path / "out.wav", (wave[start : start + 8000] for start in range(0, len(wave), 8000)), 16000)
    write_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(wave) == 16000 * seconds
    assert read_peak < 1.25 * wave.nbytes + 4e6
    assert write_peak < wave.nbytes * 1.25 + 4e6


def test_real_recordings_pass(recordings: Path) -> None:
    paths = sorted(path for path in recordings.rglob("*") if path.suffix in audio.FORMATS)[::500]
    assert paths
    for path in paths:
        assert audio.read(path, 16000).size == pytest.approx(sf.info(path).duration * 16000, abs=1)


def assert_one_sentence(error: Exception, *names: str) -> None:
    message = str(error)
    assert message.endswith(".") and ". " not in message and "\n" not in message
    assert all(name in message for name in names)
