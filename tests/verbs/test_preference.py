"""A listener whose ideal is known is found, and what is learned is what Bayes' rule says."""

import numpy as np
import pytest

from voicevae.verbs.preference import Belief, Comparison, learn

VARIANCES = np.array([4.0, 2.0, 1.0, 0.5])


def answered(pair: tuple[np.ndarray, np.ndarray], ideal: np.ndarray) -> Comparison:
    nearer = np.sum((pair[0] - ideal) ** 2) < np.sum((pair[1] - ideal) ** 2)
    return Comparison(*pair, float(nearer))


def test_before_any_choice_the_prior_is_believed() -> None:
    belief = learn([], VARIANCES, 1.0)
    np.testing.assert_array_equal(belief.mean, np.zeros(4))
    np.testing.assert_array_equal(belief.covariance, np.diag(VARIANCES))


@pytest.mark.parametrize("seed", range(5))
def test_a_hidden_ideal_is_found(seed: int) -> None:
    """Far nearer than the best of as many random points as were offered."""
    rng = np.random.default_rng(seed)
    ideal = np.sqrt(VARIANCES) * rng.standard_normal(4)
    comparisons: list[Comparison] = []
    for _ in range(30):
        comparisons.append(answered(learn(comparisons, VARIANCES, 4.0).pair(1.0), ideal))
    found = np.linalg.norm(learn(comparisons, VARIANCES, 4.0).mean - ideal)
    random = np.linalg.norm(np.sqrt(VARIANCES) * rng.standard_normal((60, 4)) - ideal, axis=1).min()
    assert found < 0.5 and found < random


def test_one_dimension_is_what_integration_says() -> None:
    """The mode of prior times likelihood, on a fine grid."""
    comparisons = [
        Comparison(np.array([1.0]), np.array([-0.5]), 1.0),
        Comparison(np.array([2.0]), np.array([0.0]), 0.0),
    ]
    belief = learn(comparisons, np.array([2.0]), 1.5)
    grid = np.linspace(-5, 5, 200001)
    log = -(grid**2) / 4
    for one in comparisons:
        utilities = [-((grid - point[0]) ** 2) / 2 for point in (one.first, one.second)]
        difference = 1.5 * (utilities[0] - utilities[1])
        log -= np.log1p(np.exp(-difference if one.preferred else difference))
    assert belief.mean[0] == pytest.approx(grid[log.argmax()], abs=1e-4)
    curvature = np.gradient(np.gradient(log, grid), grid)[log.argmax()]
    assert belief.covariance[0, 0] == pytest.approx(-1 / curvature, rel=1e-3)


def test_the_next_pair_is_along_what_is_known_least() -> None:
    a, b = Belief(np.array([1.0, 2.0]), np.diag([0.25, 4.0])).pair(0.5)
    np.testing.assert_allclose(a, [1.0, 3.0])
    np.testing.assert_allclose(b, [1.0, 1.0])


def test_every_answer_makes_it_surer_and_neither_leaves_the_middle() -> None:
    pair = (np.array([1.0, 0, 0, 0]), np.array([-1.0, 0, 0, 0]))
    for preferred in (0.0, 0.5, 1.0):
        belief = learn([Comparison(*pair, preferred)], VARIANCES, 1.0)
        assert belief.covariance[0, 0] < VARIANCES[0]
        assert np.sign(belief.mean[0]) == np.sign(preferred - 0.5)
        np.testing.assert_allclose(belief.mean[1:], 0, atol=1e-9)
