"""Similarity: its ends, and what is said of them."""

import numpy as np
import pytest

from voicevae.verbs.similarity import Similarity, cosine, similarity

RATE = 100


def embed(wave: np.ndarray) -> np.ndarray:
    """A stand-in for a speaker encoder: the first two samples."""
    return wave[:2]


def speech(x: float, y: float, seconds: float = 4.0) -> np.ndarray:
    return np.tile([x, y], round(seconds * RATE / 2))


@pytest.mark.parametrize(("result", "closure"), [((0, 1), 0.0), ((1, 0), 1.0), ((1, 1), np.sqrt(0.5))])
def test_closure_runs_from_the_source_to_the_target(result: tuple[float, float], closure: float) -> None:
    found = similarity(embed, speech(0, 1), speech(1, 0), speech(*result), RATE)
    assert (found.floor, found.ceiling) == (0.0, 1.0)
    assert found.closure == pytest.approx(closure)


def test_a_short_target_has_no_ceiling() -> None:
    found = similarity(embed, speech(0, 1), speech(1, 0, 2.0), speech(1, 1), RATE)
    assert np.isnan(found.ceiling) and np.isnan(found.closure)
    assert "too short" in found.words()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Similarity(0.75, 0.5, 1.0), "50 % of the way"),
        (Similarity(0.5, 0.5, 1.0), "No nearer"),
        (Similarity(1.0, 0.5, 1.0), "As like the target as"),
        (Similarity(0.8, 0.9, 0.9), "no way to go"),
    ],
)
def test_words(found: Similarity, said: str) -> None:
    assert said in found.words()
    assert found.words().endswith(".")


def test_cosine() -> None:
    assert cosine(np.array([3.0, 4.0]), np.array([4.0, 3.0])) == pytest.approx(24 / 25)
    assert cosine(np.zeros(2), np.ones(2)) == 0
