"""What a file says about itself comes back from every format, and `verify` tells who says it and who does not."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr
import torch

import voicevae
from voicevae import audio, provenance, watermark
from voicevae.cli import main
from voicevae.errors import AudioError
from voicevae.provenance import Provenance
from voicevae.recipes.espeak import speak

RATE = 16000
ORIGIN = Provenance("voicevae", "1.2.3", "0123456789ab", 'another voice, pitch_semitones=-2, "größer"')
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    wave, rate = speak("The birch canoe slid on the smooth planks.")
    return soxr.resample(wave, rate, RATE)


@pytest.fixture
def run(small_bundle: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """f(words) -> status, stdout, stderr."""

    def run_one(*words: object) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_one


@pytest.mark.parametrize("extension", list(audio.FORMATS))
@pytest.mark.parametrize("watermarked", [True, False])
def test_every_format_carries_both(extension: str, watermarked: bool, speech: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / f"out{extension}"
    assert provenance.write(path, speech, RATE, ORIGIN, watermark=watermarked) == 1.0
    found = provenance.verify(path)
    assert found.provenance == ORIGIN == provenance.read(path)
    assert (found.watermarked, found.carried) == (watermarked, True)
    assert found.score == pytest.approx(watermark.score(audio.read(path, RATE), RATE))


def test_a_wave_file_holds_it_in_its_info_chunk(speech: np.ndarray, tmp_path: Path) -> None:
    """Read by hand, as RIFF is published: chunks of a name, a length and bytes, padded to even."""
    provenance.write(tmp_path / "out.wav", speech, RATE, ORIGIN)
    riff = (tmp_path / "out.wav").read_bytes()[12:]
    chunks = {}
    while riff:
        name, length = struct.unpack("<4sI", riff[:8])
        chunks[name], riff = riff[8 : 8 + length], riff[8 + length + length % 2 :]
    info = chunks[b"LIST"]
    assert info.startswith(b"INFOICMT")
    (length,) = struct.unpack("<I", info[8:12])
    assert json.loads(info[12 : 12 + length].rstrip(b"\0"))["bundle"] == "0123456789ab"


def test_marking_changes_what_is_written_and_not_what_is_decoded(speech: np.ndarray, tmp_path: Path) -> None:
    before = speech.copy()
    provenance.write(tmp_path / "plain.wav", speech, RATE, ORIGIN, watermark=False)
    provenance.write(tmp_path / "marked.wav", (part for part in np.array_split(speech, 9)), RATE, ORIGIN)
    np.testing.assert_array_equal(speech, before)
    np.testing.assert_allclose(sf.read(tmp_path / "plain.wav")[0], speech, atol=1 / 32768)
    np.testing.assert_allclose(sf.read(tmp_path / "marked.wav")[0], watermark.embed(speech, RATE), atol=1 / 32768)


@pytest.mark.parametrize(
    "comment",
    ["", "Recorded at home", "[1, 2]", "{}", '{"tool": "other", "version": "1", "bundle": "0", "edits": "none"}']
    + ['{"tool": "voicevae", "version": 1, "bundle": "0", "edits": "none"}'],
)
def test_other_comments_are_no_provenance(comment: str, speech: np.ndarray, tmp_path: Path) -> None:
    audio.write(tmp_path / "other.flac", speech, RATE, comment=comment)
    assert audio.header(tmp_path / "other.flac").comment == comment
    assert provenance.read(tmp_path / "other.flac") is None
    assert not provenance.verify(tmp_path / "other.flac").carried


def test_edits_are_told_in_words(small_bundle: Path, speech: np.ndarray) -> None:
    code = voicevae.load(small_bundle).encode(speech[:RATE])
    assert provenance.edits_of(code) == "nothing"
    other = voicevae.load(small_bundle).speaker(speech[RATE:])
    assert provenance.edits_of(code.edit(speaker=other)) == "another voice"
    assert provenance.edits_of(code.edit(speaker=other, rate=0.5)) == "another voice, rate=0.5"


def test_commands_mark_what_they_write_unless_told_not_to(
    run: Run, small_bundle: Path, speech: np.ndarray, tmp_path: Path
) -> None:
    sf.write(tmp_path / "in.wav", speech, RATE)
    options = ["modulate", tmp_path / "in.wav", "--pitch", "1", "--bundle", small_bundle]
    assert run(*options, "-o", tmp_path / "marked.wav")[0] == 0
    assert run(*options, "--no-watermark", "-o", tmp_path / "plain.wav")[0] == 0
    marked, plain = (provenance.verify(tmp_path / name) for name in ("marked.wav", "plain.wav"))
    assert marked.watermarked and not plain.watermarked
    wanted = provenance.made(voicevae.load(small_bundle).checksum, "pitch_semitones=1")
    assert marked.provenance == plain.provenance == wanted
    assert wanted.version == voicevae.__version__


def test_verify_says_a_line_a_file_and_the_status_says_the_worst(run: Run, speech: np.ndarray, tmp_path: Path) -> None:
    made, plain, broken = (tmp_path / name for name in ("made.wav", "plain.wav", "broken.wav"))
    provenance.write(made, speech, RATE, ORIGIN)
    sf.write(plain, speech, RATE)
    broken.write_text("no sound")
    status, said, _ = run("verify", made)
    assert status == 0 and said.count("\n") == 1
    assert said.startswith(f"{made}: watermark (") and "bundle 0123456789ab, edits: another voice" in said
    status, said, _ = run("verify", made, plain)
    assert status == 1 and f"{plain}: no watermark (" in said and said.endswith("no provenance\n")
    status, said, errors = run("verify", broken, plain, made)
    assert status == 2 and said.count("\n") == 2
    assert errors == f"voicevae: {broken} is damaged or is not audio; give a WAV, FLAC, OGG, MP3 or AIFF file.\n"


def test_verify_speaks_json(run: Run, speech: np.ndarray, tmp_path: Path) -> None:
    provenance.write(tmp_path / "made.wav", speech, RATE, ORIGIN)
    status, said, _ = run("verify", tmp_path / "made.wav", tmp_path / "absent.wav", "--json")
    made, absent = map(json.loads, said.splitlines())
    assert status == 2
    assert made["carried"] is made["watermark"] is True and made["provenance"]["edits"] == ORIGIN.edits
    assert made["score"] > made["threshold"] and "does not exist" in absent["error"]


@pytest.mark.parametrize("watermarked", [True, False])
def test_what_cannot_be_written_is_refused_and_leaves_nothing(watermarked: bool, tmp_path: Path) -> None:
    for wave in (np.zeros((100, 2)), np.zeros(0), np.full(4000, np.nan), [np.zeros(10), np.zeros((2, 2))]):
        with pytest.raises(AudioError, match=r"[;.]"):
            provenance.write(tmp_path / "out.wav", wave, RATE, ORIGIN, watermark=watermarked)
    assert list(tmp_path.iterdir()) == []


def test_a_tensor_is_a_wave(speech: np.ndarray, tmp_path: Path) -> None:
    for name, wave in (("array.wav", speech), ("tensor.wav", torch.from_numpy(speech))):
        provenance.write(tmp_path / name, wave, RATE, ORIGIN)  # type: ignore[arg-type]
    assert (tmp_path / "array.wav").read_bytes() == (tmp_path / "tensor.wav").read_bytes()


@pytest.mark.parametrize("content", [b"", b"no sound at all"])
def test_what_is_no_sound_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file.wav").write_bytes(content)
    with pytest.raises(AudioError, match=r"file\.wav is"):
        provenance.verify(tmp_path / "file.wav")
