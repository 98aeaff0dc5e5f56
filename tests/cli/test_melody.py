"""`voicevae melody` does what Python does, and refuses what cannot be."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae.cli import main
from voicevae.cli.parser import build_parser
from voicevae.verbs import notes

RATE = 16000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a.wav is a vowel."""
    monkeypatch.chdir(tmp_path)
    time = np.arange(RATE // 2) / RATE
    wave = sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 11))
    sf.write("a.wav", (0.1 * wave).astype(np.float32), RATE, subtype="FLOAT")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--notes", "C3:0.3 R:0.2 E3:0.5"], {"notes": "C3:0.3 R:0.2 E3:0.5"}),
        (["--tune", "C:minor", "--strength", "0.6"], {"tune": "C:minor", "strength": 0.6}),
        (
            ["--notes", "C3:1", "--vibrato", "5:30", "--transpose", "key"],
            {"notes": "C3:1", "vibrato": (5.0, 30.0), "transpose": "key"},
        ),
    ],
)
def test_the_command_does_what_python_does(
    folder: Path, small_bundle: Path, words: list[str], options: dict[str, object]
) -> None:
    assert main(["melody", "a.wav", *words, "-o", "out.wav", "--no-watermark", "--bundle", str(small_bundle)]) == 0
    written, _ = sf.read("out.wav")
    vv = voicevae.load(small_bundle)
    wave = vv.decode(vv.melody("a.wav", **options))
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--notes", "H4:1"], "'H4:1' is not a note"),
        (["--notes", "R:1"], "no note to sing"),
        (["--midi", "none.mid"], "none.mid does not exist"),
        (["--midi", "a.wav"], "a.wav is not a MIDI file"),
        (["--tune", "C:blues"], "tune is 'C:blues'"),
        (["--notes", "C4:1", "--vibrato", "5:9000"], "vibrato depth is 9000"),
        (["--notes", "C4:1", "--voice", "nobody.wav"], "nobody.wav does not exist"),
    ],
)
def test_what_cannot_be_sung_is_one_sentence_and_writes_nothing(
    folder: Path, small_bundle: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["melody", "a.wav", *words, "-o", "out.wav", "--bundle", str(small_bundle)]) == 2
    found = capsys.readouterr().err
    assert said in found and found.startswith("voicevae: ")
    assert sorted(path.name for path in folder.iterdir()) == ["a.wav"]


def test_options_that_make_no_sense_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--vibrato", "5"], ["--strength", "2"], ["--tune", "C:major", "--notes", "C4:1"], []):
        with pytest.raises(SystemExit) as stop:
            build_parser().parse_args(
                ["melody", "a.wav", "-o", "x.wav", *(words or []), *(["--notes", "C4:1"] if words else [])]
            )
        assert stop.value.code == 2


@pytest.mark.parametrize("way", list(notes.TRANSPOSE))
def test_the_command_line_and_python_know_the_same_ways(way: str) -> None:
    args = build_parser().parse_args(["melody", "a.wav", "--notes", "C4:1", "--transpose", way, "-o", "x.wav"])
    assert args.transpose == way
