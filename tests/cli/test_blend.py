"""`voicevae blend` does what Python does."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import Run, assert_same_voice
from voicevae.voice import VoiceVAE


@pytest.fixture(scope="module")
def used(calibrated: Path) -> Path:
    return calibrated


@pytest.fixture
def workplace(tones: Path) -> Path:
    return tones


def test_blend_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("blend a.wav b.wav --weights 1 3 -o mix.voice")
    assert_same_voice(vv.speaker("mix.voice"), vv.blend(["a.wav", "b.wav"], [1, 3]))
    run("blend a.wav b.wav --prosody --weights 1 1 --no-watermark -o mix.wav")
    written, _ = sf.read("mix.wav")
    wave = vv.decode(vv.blend_prosody(["a.wav", "b.wav"]))
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("blend a.wav b.wav --weights 1 -o mix.voice", "1 weights for 2 voices"),
        ("blend a.wav b.wav --weights 0 0 -o mix.voice", "All weights are 0"),
        ("blend a.wav b.wav -o mix.wav", "use one of .voice"),
        ("blend a.wav b.wav --prosody -o a.wav", "a.wav is an input"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    Path("empty").mkdir()
    before = sorted(path.name for path in Path().iterdir() if path.name != "sweeps")
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert sorted(path.name for path in Path().iterdir() if path.name != "sweeps") == before
