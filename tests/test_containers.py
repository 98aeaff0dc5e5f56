"""A sound file is read whatever it is called, however it is given, and however long its header says it is."""

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicevae import audio, containers
from voicevae.errors import AudioError

RATE = 16000
TONE = (0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)


def stored(kind: str = "WAV", subtype: str | None = None, endian: str | None = None) -> bytearray:
    file = io.BytesIO()
    sf.write(file, TONE, RATE, subtype, format=kind, endian=endian)
    return bytearray(file.getvalue())


def with_length(data: bytearray, length: int, order: str = "<") -> bytearray:
    place = data.find(b"data") + 4
    data[place : place + 4] = struct.pack(f"{order}I", length)
    return data


@pytest.mark.parametrize("length", [0, 1000, 31999, 32001, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("riff", [None, 0, 0xFFFFFFFF])
def test_a_streamed_wav_is_read_to_its_end(length: int, riff: int | None) -> None:
    data = with_length(stored(), length)
    if riff is not None:
        data[4:8] = struct.pack("<I", riff)
    wave = audio.read(io.BytesIO(data), RATE)
    assert len(wave) == len(TONE) - (length == 31999)
    np.testing.assert_allclose(wave, TONE[: len(wave)], atol=1e-4)


def test_other_streamed_headers(tmp_path: Path) -> None:
    flac, au, rf64 = stored("FLAC"), stored("AU"), stored("RF64")
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)
    au[8:12] = bytes(4)
    rf64[20:44] = bytes(24)
    for data in (flac, au, rf64, with_length(stored(endian="BIG"), 0, ">")):
        (tmp_path / "sound").write_bytes(data)
        for source in (tmp_path / "sound", io.BytesIO(data)):
            np.testing.assert_allclose(audio.read(source, RATE), TONE, atol=1e-4)
        assert audio.header(tmp_path / "sound").n_frames == len(TONE)


def test_what_follows_the_samples_is_no_sound() -> None:
    listed = stored() + b"LIST" + struct.pack("<I", 10000) + bytes(10000)
    tagged = stored() + b"TAG" + bytes(125)
    empty = with_length(stored()[:44], 0) + b"LIST" + struct.pack("<I", 4) + b"INFO"
    assert len(audio.read(io.BytesIO(listed), RATE)) == len(audio.read(io.BytesIO(tagged), RATE)) == RATE
    with pytest.raises(AudioError, match="holds no samples"):
        audio.read(io.BytesIO(empty), RATE)


@pytest.mark.parametrize(
    "extension", [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".au", ".w64", ".caf", ".voc"]
)
def test_the_formats_of_a_folder_are_those_of_a_file(tmp_path: Path, extension: str) -> None:
    kind = {".opus": "OGG"}.get(extension, extension[1:].upper())
    path = tmp_path / f"tone{extension.upper()}"
    sf.write(tmp_path / "x", TONE, RATE, "OPUS" if extension == ".opus" else None, format=kind)
    (tmp_path / "x").rename(path)
    assert len(audio.read(path, RATE)) == pytest.approx(RATE, abs=1)
    assert containers.find(tmp_path).readable == [path]


def test_every_encoding_is_read_as_libsndfile_reads_it(tmp_path: Path) -> None:
    """Among them GSM 6.10, in which nothing can be sought."""
    read = set()
    for kind in set(sf.available_formats()) - {
        "RAW",
        "SD2",
        "XI",
        "WVE",
    }:  # these say no rate, or have one of their own
        for subtype in sf.available_subtypes(kind):
            path = tmp_path / f"{kind}-{subtype}"
            try:
                sf.write(path, TONE, RATE, subtype, format=kind)
                expected, rate = sf.read(path, dtype="float32")
            except sf.SoundFileError:
                continue  # what libsndfile does not write or read itself
            np.testing.assert_allclose(audio.read(path, rate), expected, atol=1e-6, err_msg=path.name)
            read.add(subtype)
    assert {"PCM_U8", "PCM_24", "DOUBLE", "ALAW", "GSM610", "VORBIS", "OPUS", "ALAC_16"} <= read


def test_a_folder_says_what_it_leaves_out(tmp_path: Path) -> None:
    for name in ("b/two.wav", "one.m4a", "text.txt", ".hidden.wav", "three.WAV"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.wav").mkdir()
    found = containers.find(tmp_path)
    assert [p.name for p in found.readable] == ["two.wav", "three.WAV"]
    assert [p.name for p in found.left_out] == ["one.m4a"]


class Named(os.PathLike):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_files_are_given_in_any_way(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(stored())
    with open(path, "rb") as file:
        for source in (path, str(path), Named(path), file, io.BytesIO(path.read_bytes())):
            np.testing.assert_array_equal(audio.load(source, None, RATE), audio.read(path, RATE))
        assert file.tell() == 0 and file.read(4) == b"RIFF"


def test_the_callers_object_stays_usable() -> None:
    file = io.BytesIO()
    sf.write(file, TONE, RATE, format="WAV")
    place = file.tell()
    assert len(audio.read(file, RATE)) == len(audio.read(file, RATE)) == RATE
    assert not file.closed and file.tell() == place
    bad = io.BytesIO(b"no sound at all")
    with pytest.raises(AudioError, match="The file object is damaged or is not audio"):
        audio.read(bad, RATE)
    assert bad.read() == b"no sound at all"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (io.BytesIO(), "The file object is empty"),
        (io.StringIO("text"), "was opened as text"),
        (b"RIFF", "io.BytesIO"),
        (0.5, "one NumPy array"),
        ({"a": 1}, "shape"),
        (np.zeros(100, np.int64), "int64"),
        (np.array(["a", "b"]), "is no sound"),
        ([[1.0, 2.0], [3.0]], "one NumPy array"),
    ],
)
def test_what_is_no_sound_is_told_so(source: object, says: str) -> None:
    with pytest.raises(AudioError, match=says) as caught:
        audio.load(source, RATE, RATE)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [">i2", ">i4", ">f4", ">f8", "<i2"])
def test_arrays_of_any_byte_order(kind: str) -> None:
    scale = np.iinfo(kind).max if kind[1] == "i" else 1
    array = (TONE * scale).astype(kind)
    np.testing.assert_allclose(audio.from_array(array, RATE, RATE), TONE, atol=1e-4)
    np.testing.assert_allclose(audio.chunk(array)[:, 0], TONE, atol=1e-4)


@pytest.mark.skipif(os.name == "nt", reason="names there are text")
def test_a_name_that_is_no_text_is_read_and_shown(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9\n.wav")
    path.write_bytes(stored())
    assert len(audio.read(path, RATE)) == RATE
    path.write_bytes(b"no sound")
    with pytest.raises(AudioError) as caught:
        audio.read(path, RATE)
    assert "caf\\xe9\\n.wav is damaged" in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="it has no such paths")
def test_a_pipe_is_read_and_a_device_refused(tmp_path: Path) -> None:
    (tmp_path / "tone.wav").write_bytes(stored())
    script = "from voicevae import audio; print(len(audio.read('/dev/stdin', 16000)))"
    with open(tmp_path / "tone.wav", "rb") as file:
        piped = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        done = subprocess.run([sys.executable, "-c", script], stdin=piped.stdout, capture_output=True, text=True)
        piped.wait()
    assert done.stdout == "16000\n", done.stderr
    with pytest.raises(AudioError, match="is a device"):
        audio.read("/dev/zero", RATE)


@pytest.mark.parametrize("rate", [1, 999, 4_000_000, 1e30])
def test_a_rate_that_cannot_hold_speech_is_refused(rate: float) -> None:
    with pytest.raises(AudioError, match="sample rate of"):
        audio.from_array(TONE, rate, RATE)
