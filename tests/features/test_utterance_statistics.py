import numpy as np
import pytest

from voicevae.features.statistics import (
    LOG_F0_STD_FLOOR,
    MEL_STD_FLOOR,
    UtteranceStatistics,
    pooled_statistics,
    utterance_statistics,
)


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


def test_a_recording_twice_has_its_own_statistics() -> None:
    one = recording(1, 300)
    assert_same(pooled_statistics([one, one]), utterance_statistics(one))


def test_pooled_statistics_are_those_of_the_frames_together() -> None:
    """At equal levels; by the textbook's moments, weighted by frames of speech and voiced frames."""
    one, two = recording(1, 300), recording(2, 500)
    assert_same(pooled_statistics([one, two]), utterance_statistics(np.concatenate([one, two])))
    parts, n = [utterance_statistics(one), utterance_statistics(two)], np.array([300.0, 500.0])
    mean = sum(w * part.mel_mean for w, part in zip(n / 800, parts, strict=True))
    between = [np.outer(part.mel_mean - mean, part.mel_mean - mean) for part in parts]
    covariance = sum(w * (part.mel_cov + b) for w, part, b in zip(n / 800, parts, between, strict=True))
    found = pooled_statistics([one, two])
    np.testing.assert_allclose(found.mel_mean, mean, atol=1e-4)
    np.testing.assert_allclose(found.mel_cov, covariance, atol=1e-4)
    np.testing.assert_allclose(
        found.log_f0_mean, sum(w * p.log_f0_mean for w, p in zip(n / 800, parts, strict=True)), atol=1e-5
    )


def test_speech_is_told_by_each_recordings_own_level() -> None:
    """A reference that was recorded 50 dB softer counts as much."""
    one, two = recording(1, 300), recording(2, 300)
    soft = two.copy()
    soft[:, -1] -= 50
    found, expected = pooled_statistics([one, soft]), pooled_statistics([one, two])
    np.testing.assert_array_equal(found.mel_mean, expected.mel_mean)
    assert found.n_speech == expected.n_speech == 600


def recording(seed: int, n_frames: int) -> np.ndarray:
    """Voiced frames `[T, 88 + 3]` at a level of -20 dB, all of them speech."""
    random = np.random.default_rng(seed)
    mel = random.normal(seed, 1, (n_frames, 88))
    rest = [random.normal(5, 0.1, n_frames), np.ones(n_frames), random.normal(-20, 1, n_frames)]
    return np.column_stack([mel, *rest]).astype(np.float32)


def assert_same(one: UtteranceStatistics, two: UtteranceStatistics) -> None:
    for name in ("log_f0_mean", "log_f0_std", "mel_mean", "mel_cov", "mel_std"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-4, err_msg=name)
