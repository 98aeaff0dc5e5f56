import numpy as np
import pytest

from voicevae.evaluation.metrics import pitch, world
from voicevae.features import FeatureConfig
from voicevae.units import SEMITONES_PER_NAT

pytest.importorskip("pyworld")


@pytest.mark.parametrize("semitones", [-4.0, 0.0, 5.0])
def test_pitch_moves_by_as_much_as_asked(harmonic, semitones: float) -> None:
    contour = 150 + 20 * np.sin(np.arange(32000) / 3000)
    wave, config = harmonic(contour, 2.0), FeatureConfig()
    made = world.shifted(wave, 16000, semitones)
    assert made.shape == wave.shape and made.dtype == np.float32
    moved = pitch.mean_log_f0([pitch.measure(made, config)]) - pitch.mean_log_f0([pitch.measure(wave, config)])
    assert SEMITONES_PER_NAT * moved == pytest.approx(semitones, abs=0.2)


@pytest.mark.parametrize("wave", [np.zeros((2, 9)), np.array([]), np.full(9, np.nan)])
def test_bad_waves_raise(wave: np.ndarray) -> None:
    with pytest.raises(ValueError, match="wave"):
        world.shifted(wave, 16000)
    with pytest.raises(ValueError, match="semitones"):
        world.shifted(np.ones(16000), 16000, 40)
