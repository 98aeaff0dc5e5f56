"""`voicevae sample` does what Python does, and its voices are voices everywhere."""

import numpy as np
import soundfile as sf

from tests.cli.conftest import Run, assert_same_voice
from voicevae.cli.parser import build_parser
from voicevae.verbs import sampling
from voicevae.voice import VoiceVAE


def test_sample_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    assert "new.voice: a voice of " in run("sample --seed 3 --gender female -o new.voice")
    assert_same_voice(vv.speaker("new.voice"), vv.sample(3, gender="female"))
    run("sample --seed 4 --like a.wav --distance 0.25 -o near.voice")
    assert_same_voice(vv.speaker("near.voice"), vv.sample(4, like="a.wav", distance=0.25))
    run("sample --source prior -o prior.voice")
    assert_same_voice(vv.speaker("prior.voice"), vv.sample(0, source="prior"))


def test_a_saved_voice_is_a_voice_everywhere(run: Run, vv: VoiceVAE) -> None:
    run("sample --seed 3 -o new.voice")
    run("convert a.wav --voice new.voice --no-watermark -o out.wav")
    written, _ = sf.read("out.wav")
    wave = vv.convert("a.wav", voice=vv.sample(3))
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)
    run("blend new.voice b.wav -o mix.voice")
    run("sample --like new.voice -o near.voice")


def test_the_default_distance_is_that_of_python() -> None:
    assert build_parser().parse_args(["sample", "-o", "x.voice"]).distance == sampling.DISTANCE == 0.3
