"""A round trip keeps length, pitch, frames and level, on an untrained bundle."""

import numpy as np
import pytest

from tests.voice.conftest import FEATURES, cents_between, level_db, vowel
from voicevae import VoiceVAE
from voicevae.code import Code
from voicevae.features import extract


@pytest.mark.parametrize("n_samples", [1600, 4800, 4801, 7999, 16000, 25600])
def test_an_unedited_round_trip_has_the_length_of_the_input(vv: VoiceVAE, n_samples: int) -> None:
    wave = vv.decode(vv.encode(vowel(2.0)[:n_samples]))
    assert wave.shape == (n_samples,) and wave.dtype == np.float32 and np.isfinite(wave).all()


@pytest.mark.parametrize("f0_hz", [95.0, 150.0, 240.0, 380.0])
def test_a_round_trip_keeps_the_pitch_within_15_cents(vv: VoiceVAE, f0_hz: float) -> None:
    source = vowel(1.0, f0_hz)
    error = cents_between(vv.decode(vv.encode(source)), extract(source, FEATURES).log_f0)
    assert np.median(np.abs(error)) < 15


def test_a_round_trip_keeps_the_frames(vv: VoiceVAE, code: Code) -> None:
    """With its residual a code decodes to the very frames that it was made from."""
    frames = extract(vowel(1.6), FEATURES)
    mel, contours = vv.coder.decode(code)
    np.testing.assert_allclose(mel, frames.mel, atol=1e-3)
    np.testing.assert_allclose(contours.array(), frames.contours.array(), atol=1e-3)


def test_a_round_trip_keeps_the_level(vv: VoiceVAE, code: Code) -> None:
    assert level_db(vv.decode(code)) == pytest.approx(level_db(vowel(1.6)), abs=1.5)
