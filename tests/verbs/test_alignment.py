"""Alignments: the same is beside itself, what is stretched beside what it was, and other words do not agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicevae.features.dtw import cepstra
from voicevae.verbs import alignment


def course(seed: int, n: int) -> np.ndarray:
    """A smooth random course `[n, 13]` of mean 0 and standard deviation 1."""
    random = np.random.default_rng(seed)
    made = np.cumsum(random.normal(size=(n + 6, 13)), 0)
    made = made[6:] - made[:-6]
    made -= made.mean(0)
    return made / np.sqrt(np.mean(made**2))


def test_the_same_is_beside_itself_and_costs_nothing() -> None:
    one = course(1, 40)
    path = alignment.align(one, one)
    np.testing.assert_array_equal(path.one, np.arange(40))
    np.testing.assert_array_equal(path.other, np.arange(40))
    assert path.cost == pytest.approx(0, abs=1e-12) and path.agrees


def test_what_is_stretched_is_beside_what_it_was() -> None:
    one = course(2, 40)
    slow = np.repeat(one, 2, axis=0)
    path = alignment.align(slow, one)
    np.testing.assert_array_equal(path.other, path.one // 2)


def test_one_that_breaks_off_is_aligned_as_far_as_it_goes() -> None:
    one = course(3, 60)
    path = alignment.align(one[:40], one)
    assert path.one[-1] == path.other[-1] == 39 and path.cost == pytest.approx(0, abs=1e-12)


def test_independent_courses_cost_chance_without_warping_and_do_not_agree() -> None:
    one, other = course(4, 400), course(5, 400)
    assert np.mean((one - other) ** 2) / 2 == pytest.approx(1, abs=0.1)
    assert not alignment.align(one, other).agrees


@settings(max_examples=15, deadline=None)
@given(st.integers(5, 25), st.integers(5, 25), st.integers(0, 9))
def test_the_path_is_the_cheapest_of_all(n: int, m: int, seed: int) -> None:
    """Against the same recursion written plainly; and a path goes on in steps of one from both beginnings."""
    one, other = course(seed, n), course(seed + 100, m)
    path = alignment.align(one, other)
    assert path.one[0] == path.other[0] == 0
    steps = set(zip(np.diff(path.one), np.diff(path.other), strict=True))
    assert steps <= {(0, 1), (1, 0), (1, 1)}
    cost = ((one[:, None] - other) ** 2).mean(-1) / 2
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(m):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    ends = [(i, m) for i in range(n // 2, n + 1)] + [(n, j) for j in range(m // 2, m + 1)]
    best = min(2 * total[i, j] / (i + j) for i, j in ends if i and j)
    assert path.cost == pytest.approx(best)
    assert path.cost == pytest.approx(2 * cost[path.one, path.other].sum() / (path.one[-1] + path.other[-1] + 2))


def test_cepstra_are_those_of_scipy() -> None:
    from scipy.fft import dct

    mel = np.random.default_rng(0).normal(size=(7, 80)).astype(np.float32)
    np.testing.assert_allclose(cepstra(mel, alignment.CEPSTRA), dct(mel, norm="ortho")[:, 1:14], atol=1e-5)
