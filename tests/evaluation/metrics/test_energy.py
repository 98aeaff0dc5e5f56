import numpy as np
import pytest

from voicevae.evaluation.metrics import energy

RATE = 16000


@pytest.mark.parametrize("decibels", [-6.0, 0.0, 6.0])
def test_a_gain_is_measured_in_db(decibels: float, harmonic) -> None:
    wave = harmonic(150.0, 1.0)
    assert energy.change_db(wave, wave * 10 ** (decibels / 20), RATE) == pytest.approx(decibels, abs=1e-4)


def test_silence_around_speech_does_not_count(harmonic) -> None:
    wave = harmonic(150.0, 1.0)
    assert 0 < energy.speech_frames(wave, RATE).mean() < 0.7
    hum = wave.copy()
    hum[:1600] += 0.3  # loud, where the source is silent
    assert energy.change_db(wave, hum, RATE) == pytest.approx(0, abs=1e-4)


def test_errors_against_the_request() -> None:
    found = energy.evaluate([5.0, 8.0], 6.0)
    assert found == pytest.approx({"mean_abs_db": 1.5, "max_abs_db": 2.0, "bias_db": 0.5})


@pytest.mark.parametrize("output", [np.zeros(100), np.ones(99), np.full(100, np.nan), np.ones((100, 1))])
def test_bad_waves_raise(output: np.ndarray) -> None:
    with pytest.raises(ValueError):
        energy.change_db(np.ones(100), output, RATE)
