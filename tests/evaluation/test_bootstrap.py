import numpy as np
import pytest

from voicevae.evaluation.bootstrap import interval, mean_of_means


def test_equal_speakers_have_no_interval() -> None:
    assert interval([np.array([1.0, 3.0])] * 5, mean_of_means) == (2.0, 2.0)


def test_interval_matches_the_standard_error_of_a_mean() -> None:
    values = np.random.default_rng(1).standard_normal(200)
    low, high = interval([np.array([v]) for v in values], mean_of_means)
    half = 1.96 * values.std() / np.sqrt(200)
    assert low == pytest.approx(values.mean() - half, abs=0.02)
    assert high == pytest.approx(values.mean() + half, abs=0.02)


def test_many_values_of_few_speakers_are_no_evidence() -> None:
    few = [np.full(1000, v) for v in (0.0, 1.0, 2.0)]
    low, high = interval(few, mean_of_means)
    assert high - low > 1


def test_the_seed_decides() -> None:
    groups = [np.array([v]) for v in range(8)]
    assert interval(groups, mean_of_means, 1) == interval(groups, mean_of_means, 1)
    assert interval(groups, mean_of_means, 1) != interval(groups, mean_of_means, 2)


def test_fewer_than_three_speakers_have_no_interval() -> None:
    assert interval([np.zeros(9), np.ones(9)], mean_of_means) is None
