"""Pipes, names that no terminal can show or no file system holds, and folders: one bad file stops no other."""

import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicevae import batch, load
from voicevae.cli import main

RATE = 16000


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    time = np.arange(RATE // 2) / RATE
    wave = 0.1 * sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 11))
    sf.write("good.wav", wave, RATE)
    return tmp_path


def streams(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8", given: bytes = b"") -> tuple[BytesIO, BytesIO]:
    """Replace stdin, stdout and stderr by streams of that encoding; returns what is written to the last two."""
    out, err = BytesIO(), BytesIO()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(given), encoding))
    monkeypatch.setattr("sys.stdout", TextIOWrapper(out, encoding, write_through=True))
    monkeypatch.setattr("sys.stderr", TextIOWrapper(err, encoding, errors="backslashreplace", write_through=True))
    return out, err


def test_a_sound_passes_through_pipes(place: Path, small_bundle: Path) -> None:
    command = [sys.executable, "-m", "voicevae", "modulate", "-", "--pitch", "2", "-o", "-", "--bundle", small_bundle]
    done = subprocess.run(
        command,
        input=Path("good.wav").read_bytes(),
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
    Path("made.wav").write_bytes(done.stdout)
    assert sf.info("made.wav").frames == RATE // 2
    assert b"standard output: 0.50 s of speech" in done.stderr


def test_a_pipe_without_a_sound_is_refused(small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = streams(monkeypatch, given=b"no sound")
    assert main(["modulate", "-", "-o", "-", "--bundle", str(small_bundle)]) == 2
    assert out.getvalue() == b""
    assert err.getvalue().startswith(b"voicevae: Standard input is damaged or is not audio")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_result_that_cannot_be_written_is_one_sentence(place: Path, small_bundle: Path) -> None:
    command = [sys.executable, "-m", "voicevae", "modulate", "good.wav", "--bundle", str(small_bundle), "-o"]
    with open("/dev/full", "wb") as full:
        for output in ("out.wav", "-"):
            done = subprocess.run([*command, output], stdout=full, stderr=subprocess.PIPE)
            assert done.returncode == 2 and b"Traceback" not in done.stderr
            assert done.stderr.splitlines()[-1].startswith(
                b"voicevae: Standard output cannot be read or written (No space left"
            )


def test_standard_input_is_read_by_every_verb_of_sounds(
    place: Path, small_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def given(command: str) -> int:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(Path("good.wav").read_bytes())))
        return main([*command.split(), *([] if command.startswith("verify") else ["--bundle", str(small_bundle)])])

    assert given("verify -") == 1 and capsys.readouterr().out.startswith("Standard input: no watermark")
    assert given("repair - --list") == 0 and capsys.readouterr().out == "Standard input: 0 damaged spans\n"
    assert given("embed - -o table.npz") == given("encode - -o code.npz") == 0
    with np.load("table.npz") as table:
        assert table["names"] == ["-"]
    assert given("modulate - - --out-dir out") == 2
    assert "Standard input is given twice" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="names there are text")
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_names_that_cannot_be_shown_stop_nothing(
    place: Path, small_bundle: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    odd = os.fsdecode(b"caf\xe9.wav")
    for name in (odd, "日本.wav"):
        Path(name).write_bytes(Path("good.wav").read_bytes())
    Path(os.fsdecode(b"bad\xff.wav")).write_text("no sound")
    words = ["good.wav", odd, "日本.wav", os.fsdecode(b"bad\xff.wav"), "x" * 280]
    _, err = streams(monkeypatch, encoding)
    assert main(["modulate", *words, "--energy", "40", "--out-dir", "out", "--bundle", str(small_bundle)]) == 2
    said = err.getvalue()
    assert b"2 of 5 files failed" in said and b"bad\\xff.wav" in said and b"Traceback" not in said
    assert sorted(os.listdir(b"out")) == sorted([b"good.wav", b"caf\xe9.wav", "日本.wav".encode()])


@pytest.mark.parametrize("n_bytes", [250, 255])
def test_names_of_any_legal_length_work(place: Path, small_bundle: Path, n_bytes: int) -> None:
    name = "é" * ((n_bytes - 4) // 2) + "x" * (n_bytes % 2) + ".wav"
    Path("in").mkdir()
    (Path("in") / name).write_bytes(Path("good.wav").read_bytes())
    bundle = ["--bundle", str(small_bundle)]
    assert main(["modulate", f"in/{name}", "-o", name, *bundle]) == 0
    assert main(["encode", f"in/{name}", "--out-dir", "codes", *bundle]) == 0
    (made,) = Path("codes").iterdir()
    assert main(["decode", str(made), "--out-dir", "spoken", *bundle]) == 0
    report = batch.convert(load(small_bundle), ["in"], "all")
    assert report.made == 1 and Path("all", name).is_file()


def test_a_folder_run_says_what_a_run_over_files_says(
    place: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in").mkdir()
    for i in range(2):
        Path(f"in/{i}.wav").write_bytes(Path("good.wav").read_bytes())
    sf.write("in/2.w64", sf.read("good.wav")[0], RATE, format="W64")
    Path("in/other.m4a").write_bytes(b"x")
    louder = ["--energy", "40", "--bundle", str(small_bundle)]
    assert main(["modulate", "in/0.wav", "in/1.wav", "in/2.w64", "--out-dir", "files", *louder]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "would have clipped" in line]
    assert main(["modulate", "in", "--out-dir", "folder", *louder]) == 0
    message = capsys.readouterr().err
    lines = [line for line in message.splitlines() if "would have clipped" in line]
    assert len(said) == 3
    assert sorted(line.rpartition("/")[2] for line in lines) == sorted(line.rpartition("/")[2] for line in said)
    assert "other.m4a left out" in message


def test_what_was_not_followed_is_said_of_each_file(
    place: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("high").mkdir()
    for name in "ab":
        sf.write(f"high/{name}.wav", 0.2 * np.sin(2 * np.pi * 1500 * np.arange(RATE) / RATE), RATE)
    for sources in (["high/a.wav", "high/b.wav"], ["high"]):
        assert main(["modulate", *sources, "--out-dir", str(len(sources)), "--bundle", str(small_bundle)]) == 0
        lines = [line for line in capsys.readouterr().err.splitlines() if "counts as unvoiced" in line]
        assert [line.partition(": F0 at ")[0].rpartition("/")[2] for line in lines] == ["a.wav", "b.wav"]


def test_a_missing_file_stops_no_folder(place: Path, small_bundle: Path) -> None:
    report = batch.convert(load(small_bundle), ["good.wav", "none.wav", "y" * 300], "out")
    assert report.made == 1 and len(report.failures) == 2
