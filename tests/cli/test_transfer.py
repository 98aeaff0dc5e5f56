"""`voicevae transfer` does what Python does, and refuses what cannot be in one sentence."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_same_sound
from voicevae.cli.parser import build_parser
from voicevae.voice import VoiceVAE


@pytest.fixture
def workplace(swaying: Path) -> Path:
    return swaying


def test_transfer_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("transfer a.wav --reference b.wav --mix 0.8 --no-watermark -o out.wav")
    assert_same_sound("out.wav", vv.decode(vv.transfer("a.wav", reference="b.wav", mix=0.8)))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("transfer a.wav --reference missing.wav -o out.wav", "missing.wav does not exist"),
        ("transfer a.wav --reference hiss.wav -o out.wav", "The reference has no voiced speech"),
        ("transfer a.wav --reference b.wav -o b.wav", "b.wav is an input"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    before = {path: path.read_bytes() for path in Path().iterdir()}
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_what_is_out_of_range_is_said(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("transfer a.wav --reference b.wav --mix 1.1 -o out.wav")
    assert left.value.code == 2 and "is not a number from 0 to" in capsys.readouterr().err


def test_the_default_is_that_of_python() -> None:
    assert build_parser().parse_args(["transfer", "a.wav", "--reference", "b.wav", "-o", "x.wav"]).mix == 1
