"""`voicevae transfer` does what Python does, and refuses what cannot be in one sentence."""

import pytest

from tests.cli.conftest import Run, assert_same_sound
from voicevae.cli.parser import build_parser
from voicevae.voice import VoiceVAE


def test_transfer_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("transfer a.wav --reference b.wav --mix 0.8 --no-watermark -o out.wav")
    assert_same_sound("out.wav", vv.decode(vv.transfer("a.wav", reference="b.wav", mix=0.8)))


def test_what_is_out_of_range_is_said(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("transfer a.wav --reference b.wav --mix 1.1 -o out.wav")
    assert left.value.code == 2 and "is not a number from 0 to" in capsys.readouterr().err


def test_the_default_is_that_of_python() -> None:
    assert build_parser().parse_args(["transfer", "a.wav", "--reference", "b.wav", "-o", "x.wav"]).mix == 1
