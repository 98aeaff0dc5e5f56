import numpy as np
import pytest

from voicevae.features.statistics import LOG_F0_STD_FLOOR, MEL_STD_FLOOR, utterance_statistics


def frames(mel: np.ndarray, log_f0: np.ndarray, voicing: np.ndarray, loudness: np.ndarray) -> np.ndarray:
    return np.column_stack([mel, log_f0, voicing, loudness]).astype(np.float32)


def test_register_is_of_voiced_frames_and_spectrum_of_loud_ones() -> None:
    random = np.random.default_rng(0)
    mel, log_f0 = random.normal(size=(200, 8)), random.normal(5, 0.3, 200)
    voicing = (np.arange(200) < 50).astype(float)
    loudness = np.where(np.arange(200) < 120, -20.0, -70.0)
    found = utterance_statistics(frames(mel, log_f0, voicing, loudness))
    assert found.log_f0_mean == pytest.approx(log_f0[:50].mean(), abs=1e-5)
    assert found.log_f0_std == pytest.approx(log_f0[:50].std(), abs=1e-5)
    assert found.loudness_max_db == pytest.approx(-20)
    np.testing.assert_allclose(found.mel_mean, mel[:120].mean(0), atol=1e-5)
    np.testing.assert_allclose(found.mel_std, mel[:120].std(0), atol=1e-5)
    np.testing.assert_allclose(found.mel_cov, np.cov(mel[:120].T, bias=True), atol=1e-5)
    assert found.n_speech == 120


def test_statistics_of_few_voiced_frames_are_finite_and_robust() -> None:
    log_f0 = np.full(100, 5.0)
    log_f0[:3] = 6.5  # three voiced frames, an octave-error's worth away
    found = utterance_statistics(frames(np.zeros((100, 8)), log_f0, log_f0 > 6, np.full(100, -20.0)))
    assert found.log_f0_mean == pytest.approx(5.0)
    assert found.log_f0_std > 0.1


def test_a_constant_sound_has_standard_deviations_that_can_divide() -> None:
    found = utterance_statistics(frames(np.ones((50, 8)), np.full(50, 5.0), np.ones(50), np.full(50, -20.0)))
    assert found.log_f0_std == pytest.approx(LOG_F0_STD_FLOOR)
    np.testing.assert_allclose(found.mel_std, MEL_STD_FLOOR)


def test_gain_moves_the_level_alone() -> None:
    random = np.random.default_rng(1)
    quiet = frames(random.normal(size=(80, 8)), random.normal(5, 0.1, 80), np.ones(80), random.normal(-30, 15, 80))
    loud = quiet.copy()
    loud[:, -1] += 12
    one, two = utterance_statistics(quiet), utterance_statistics(loud)
    assert two.loudness_max_db - one.loudness_max_db == pytest.approx(12, abs=1e-4)
    for name in ("log_f0_mean", "log_f0_std", "mel_mean", "mel_std", "mel_cov"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
