"""`voicevae blend` does what Python does."""

import numpy as np
import soundfile as sf

from tests.cli.conftest import Run, assert_same_voice
from voicevae.voice import VoiceVAE


def test_blend_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("blend a.wav b.wav --weights 1 3 -o mix.voice")
    assert_same_voice(vv.speaker("mix.voice"), vv.blend(["a.wav", "b.wav"], [1, 3]))
    run("blend a.wav b.wav --prosody --weights 1 1 --no-watermark -o mix.wav")
    written, _ = sf.read("mix.wav")
    wave = vv.decode(vv.blend_prosody(["a.wav", "b.wav"]))
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)
