"""`voicevae style` does what Python does, and refuses what cannot be in one sentence."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_same_sound
from voicevae.cli.parser import build_parser
from voicevae.verbs import style
from voicevae.voice import VoiceVAE


def test_style_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("style a.wav --style joy --strength 1.2 --no-watermark -o out.wav")
    assert_same_sound("out.wav", vv.decode(vv.style("a.wav", style="joy", strength=1.2)))
    run("style a.wav b.wav --style sadness --out-dir sad")
    assert sorted(path.name for path in Path("sad").iterdir()) == ["a.wav", "b.wav"]


def test_what_is_out_of_range_is_said(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(f"style a.wav --style joy --strength {style.MAX_STRENGTH + 1} -o out.wav")
    assert left.value.code == 2 and "is not a number from 0 to" in capsys.readouterr().err


def test_the_default_is_that_of_python() -> None:
    assert build_parser().parse_args(["style", "a.wav", "--style", "joy", "-o", "x.wav"]).strength == 1
