"""`voicevae modulate` does what Python does."""

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import STEP, Run, assert_same_sound
from voicevae.voice import VoiceVAE


def test_modulate_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("modulate a.wav --pitch +3 --pitch-range 1.5 --rate 0.9 --energy +3 --formant -1 --no-watermark -o out.wav")
    edits = {"pitch_semitones": 3, "pitch_range": 1.5, "rate": 0.9, "energy_db": 3, "formant_semitones": -1}
    assert_same_sound("out.wav", vv.modulate("a.wav", **edits))


def test_sound_that_would_clip_is_scaled_and_said_so(run: Run, vv: VoiceVAE) -> None:
    said = run("modulate a.wav --energy +40 --no-watermark -o out.wav")
    peak = np.abs(vv.modulate("a.wav", energy_db=40)).max()
    assert f"out.wav would have clipped: scaled by {20 * np.log10(0.99 / peak):.1f} dB" in said
    assert np.abs(sf.read("out.wav")[0]).max() == pytest.approx(0.99, abs=2 * STEP)
    assert "clipped" not in run("modulate a.wav --energy -20 -o out.wav")
