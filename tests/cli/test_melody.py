"""`voicevae melody` does what Python does."""

from typing import Any

import pytest

from tests.cli.conftest import Run, assert_same_sound
from voicevae.cli.parser import build_parser
from voicevae.verbs import notes
from voicevae.voice import VoiceVAE


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
def test_melody_is_what_python_does(run: Run, vv: VoiceVAE, words: list[str], options: dict[str, Any]) -> None:
    run(["melody", "a.wav", *words, "--no-watermark", "-o", "out.wav"])
    assert_same_sound("out.wav", vv.decode(vv.melody("a.wav", **options)))


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
