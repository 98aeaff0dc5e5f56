"""Running statistics converge to those of a whole recording."""

import numpy as np
import pytest

from voicevae.live.statistics import Moments, RunningLevel, RunningRegister


def test_moments_converge_to_those_of_all_frames() -> None:
    frames = np.random.default_rng(0).multivariate_normal([1, -2], [[1.0, 0.5], [0.5, 2.0]], 4000)
    found = Moments(np.zeros(2), np.eye(2), 20, 20)
    found.add(frames)
    np.testing.assert_allclose(found.mean, frames.mean(0), atol=0.02)
    np.testing.assert_allclose(found.covariance, np.cov(frames.T), atol=0.1)


def test_a_register_is_the_corpus_before_anybody_spoke() -> None:
    found = RunningRegister(5.0, 0.2)
    assert (found.mean, found.std) == pytest.approx((5.0, 0.2))


def test_a_register_settles_within_a_second_of_speech() -> None:
    found = RunningRegister(5.0, 0.2)
    found.add(np.random.default_rng(0).normal(5.5, 0.1, 80))
    assert found.mean == pytest.approx(5.5, abs=0.1)


def test_the_level_follows_speech_of_any_level() -> None:
    for level in (-60.0, -10.0):
        found = RunningLevel()
        found.add(np.random.default_rng(0).normal(level, 3, 400))
        assert found.db == pytest.approx(level + 3 * 1.28, abs=2)
