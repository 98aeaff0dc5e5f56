import numpy as np
import pytest
from scipy.signal import resample_poly
from scipy.stats import norm

from voicevae import speaker_encoder
from voicevae.evaluation.metrics import similarity
from voicevae.evaluation.metrics.similarity import Scores


def test_cosine_of_directions() -> None:
    x, y = np.eye(2)
    assert similarity.mean_cosine(x, [3 * x]) == pytest.approx(1)
    assert similarity.mean_cosine(x, [y]) == pytest.approx(0)
    assert similarity.mean_cosine(2 * x, [x, 5 * (x + y)]) == pytest.approx((1 + 0.5**0.5) / 2)


def test_closure_is_zero_at_the_floor_and_one_at_the_ceiling() -> None:
    assert similarity.closure(0.5, 0.5, 0.8) == 0
    assert similarity.closure(0.8, 0.5, 0.8) == pytest.approx(1)
    assert similarity.closure(0.62, 0.53, 0.81) == pytest.approx(0.09 / 0.28)
    assert np.isnan(similarity.closure(0.5, 0.8, 0.8))


def test_closure_is_the_same_against_the_mean_embedding() -> None:
    """The mean cosine with unit vectors is the cosine with their mean, times the mean's length."""
    rng = np.random.default_rng(0)
    others, heard = rng.random((5, 8)), rng.random((3, 8))
    heard[2] += others.mean(0)  # the ceiling
    units = others / np.linalg.norm(others, axis=1, keepdims=True)
    with_each = [similarity.mean_cosine(x, list(others)) for x in heard]
    with_mean = [similarity.mean_cosine(x, [units.mean(0)]) for x in heard]
    assert similarity.closure(*with_each) == pytest.approx(similarity.closure(*with_mean))


def test_equal_error_rate_of_separable_and_of_equal_scores() -> None:
    low, high = np.linspace(0, 0.4, 20), np.linspace(0.6, 1, 20)
    assert similarity.equal_error_rate(high, low) == 0
    assert similarity.equal_error_rate(low, high) == 100
    assert similarity.equal_error_rate(low, low) == pytest.approx(50, abs=2.6)  # half of one in twenty


@pytest.mark.parametrize("distance", [0.5, 1.0, 3.0])
def test_equal_error_rate_of_two_gaussians(distance: float) -> None:
    quantiles = norm.ppf((np.arange(4000) + 0.5) / 4000)
    found = similarity.equal_error_rate(quantiles + distance, quantiles)
    assert found == pytest.approx(100 * norm.cdf(-distance / 2), abs=0.1)


def test_equal_error_rate_with_unequal_numbers_is_interpolated() -> None:
    assert 0 < similarity.equal_error_rate(np.array([0.4, 0.7, 0.8]), np.array([0.1, 0.5])) < 50


def scores(secs: float) -> list[Scores]:
    return [
        Scores(f"speaker {i % 4}", secs + 0.01 * (i % 4), 0.5 + 0.01 * (i % 4), 0.8 + 0.01 * (i % 4)) for i in range(12)
    ]


@pytest.mark.parametrize("closure", [0.0, 0.4, 1.0])
def test_evaluate_gives_closure_and_an_interval_around_it(closure: float) -> None:
    found = similarity.evaluate(scores(0.5 + 0.3 * closure))
    assert (found["pairs"], found["speakers"]) == (12, 4)
    assert found["closure"] == pytest.approx(closure)
    assert found["closure_interval"] == pytest.approx((closure, closure))
    low, high = found["secs_interval"]
    assert low < found["secs"] < high


def test_every_target_speaker_weighs_the_same() -> None:
    uneven = [Scores("a", 0.6, 0.5, 0.9)] * 9 + [Scores("b", 0.8, 0.5, 0.9)]
    assert similarity.evaluate(uneven)["secs"] == pytest.approx(0.7)


def test_two_targets_give_no_interval() -> None:
    assert similarity.evaluate([Scores("a", 0.6, 0.5, 0.9), Scores("b", 0.8, 0.5, 0.9)])["closure_interval"] is None


@pytest.mark.parametrize("bad", [[], [Scores("a", 1.2, 0.5, 0.9)], [Scores("a", float("nan"), 0.5, 0.9)]])
def test_bad_scores_raise(bad: list[Scores]) -> None:
    with pytest.raises(ValueError, match="pair"):
        similarity.evaluate(bad)


def test_the_encoder_knows_a_wave_again_at_another_rate_and_beyond_full_scale(harmonic) -> None:
    pytest.importorskip("resemblyzer")
    encoder = speaker_encoder.Resemblyzer()
    wave = harmonic(150 + 30 * np.sin(np.arange(32000) / 2000), 2.0)
    embedding = encoder.embed(wave, 16000)
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
    assert encoder.embed(50 * wave, 16000) == pytest.approx(
        encoder.embed(wave * 0.99 / np.abs(wave).max(), 16000), abs=1e-4
    )
    assert similarity.mean_cosine(encoder.embed(resample_poly(wave, 3, 2), 24000), [embedding]) > 0.9
