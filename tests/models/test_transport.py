"""Transport takes one covariance to another, by the shortest way; few frames are hardly believed."""

import numpy as np
import pytest
import scipy.linalg

from voicevae.models.transport import PRIOR_FRAMES, RIDGE, shrunk, towards, transport


def covariance(size: int, seed: int) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=(size, 3 * size))
    return x @ x.T / (3 * size)


@pytest.mark.parametrize("size", [1, 2, 10, 80])
def test_source_becomes_target(size: int) -> None:
    source, target, ridge = covariance(size, 0), 2 * covariance(size, 1), RIDGE * np.eye(size)
    matrix = transport(source, target)
    np.testing.assert_allclose(matrix.T @ (source + ridge) @ matrix, target + ridge, atol=1e-4)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)  # the shortest way is symmetric and positive
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_it_is_the_formula_by_scipys_roots() -> None:
    source, target = (covariance(6, seed) + RIDGE * np.eye(6) for seed in (0, 1))
    root = scipy.linalg.sqrtm(source)
    inverse = np.linalg.inv(root)
    expected = inverse @ scipy.linalg.sqrtm(root @ target @ root) @ inverse
    np.testing.assert_allclose(transport(source - RIDGE * np.eye(6), target - RIDGE * np.eye(6)), expected, atol=1e-5)


def test_of_one_to_itself_is_the_identity() -> None:
    one = covariance(20, 0)
    np.testing.assert_allclose(transport(one, one), np.eye(20), atol=1e-5)


def test_independent_bands_are_scaled_by_the_ratio_of_standard_deviations() -> None:
    one, two = np.array([0.5, 1.0, 2.0]), np.array([2.0, 1.0, 0.1])
    expected = np.diag(np.sqrt((two + RIDGE) / (one + RIDGE)))
    np.testing.assert_allclose(transport(np.diag(one), np.diag(two)), expected, atol=1e-5)


def test_many_at_once_are_each_on_its_own() -> None:
    sources, target = np.stack([covariance(5, seed) for seed in range(3)]), covariance(5, 9)
    together = transport(sources, target)
    for one, matrix in zip(sources, together, strict=True):
        np.testing.assert_allclose(transport(one, target), matrix, atol=1e-6)


def test_a_direction_without_variance_is_not_blown_up() -> None:
    matrix = transport(np.zeros((4, 4)), np.eye(4))
    assert np.abs(matrix).max() <= np.sqrt((1 + RIDGE) / RIDGE) + 1e-4


def test_no_frames_show_nothing_and_many_show_all() -> None:
    own, prior = covariance(4, 0), covariance(4, 1)
    np.testing.assert_allclose(shrunk(own, 0, prior), prior)
    np.testing.assert_allclose(shrunk(own, 1e9, prior), own, atol=1e-6)
    np.testing.assert_allclose(shrunk(own, PRIOR_FRAMES, prior), (own + prior) / 2)
    np.testing.assert_allclose(shrunk(np.stack([own, own]), np.array([0.0, 1e9]), prior)[0], prior)


def test_a_decoded_mel_takes_the_covariance_and_keeps_its_mean() -> None:
    random = np.random.default_rng(0)
    mel = random.multivariate_normal(np.arange(6.0), 1e4 * (np.eye(6) + covariance(6, 1)), 5000).astype(np.float32)
    target = 3e4 * covariance(6, 2).astype(np.float32)  # beside which the ridge is little
    made = towards(mel, np.ones(5000, bool), np.zeros(6, np.float32), target, 1.0, 0.0)
    np.testing.assert_allclose(made.mean(0), mel.mean(0), atol=0.1)
    np.testing.assert_allclose(np.cov(made.T), target, atol=0.005 * target.max())


def test_only_speech_is_measured_and_all_is_moved_alike() -> None:
    random = np.random.default_rng(0)
    mel = random.normal(size=(400, 6)).astype(np.float32)
    speech, target = np.arange(400) < 300, covariance(6, 2).astype(np.float32)
    other, zero = np.concatenate([mel[:300], 9 * mel[300:]]), np.zeros(6, np.float32)
    np.testing.assert_array_equal(
        towards(mel, speech, zero, target, 1.0, 0.0)[:300], towards(other, speech, zero, target, 1.0, 0.0)[:300]
    )
    made, mean = towards(other, speech, zero, target, 1.0, 0.0), mel[:300].mean(0)
    matrix = np.linalg.lstsq(mel[:300] - mean, made[:300] - mean, rcond=None)[0]
    np.testing.assert_allclose(made[300:], (other[300:] - mean) @ matrix + mean, atol=1e-3)


@pytest.mark.parametrize("n", [0, 1])
def test_what_shows_no_covariance_stays(n: int) -> None:
    mel = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    made = towards(mel, np.arange(50) < n, np.zeros(6, np.float32), covariance(6, 2).astype(np.float32), 1.0, 0.0)
    np.testing.assert_allclose(made[:n], mel[:n], atol=1e-5)
    if n == 0:
        np.testing.assert_array_equal(made, mel)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_mel_goes_a_share_of_the_way_to_mean_and_covariance(share: float) -> None:
    random = np.random.default_rng(0)
    mel = random.normal(size=(500, 6)).astype(np.float32)
    speech, mean, target = np.ones(500, bool), np.arange(6, dtype=np.float32), covariance(6, 2).astype(np.float32)
    whole = towards(mel, speech, mean, target, 1.0, 1.0)
    np.testing.assert_allclose(whole.mean(0), mean, atol=1e-4)
    made = towards(mel, speech, mean, target, share, share)
    np.testing.assert_allclose(made, (1 - share) * mel + share * whole, atol=1e-4)
