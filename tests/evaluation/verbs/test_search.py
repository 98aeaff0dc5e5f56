"""Listeners whose ideal is known, and figures that are known."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from voicevae.evaluation.verbs import search
from voicevae.evaluation.verbs.search import EVERY, SearchFigures


class Line:
    """A search on a line of angles, which halves the span that is left."""

    def __init__(self) -> None:
        self.low, self.high = 0.0, 1.0

    def pair(self) -> Any:
        return (3 * self.low + self.high) / 4, (self.low + 3 * self.high) / 4

    def choose(self, answer: str) -> None:
        middle = self.best()
        self.low, self.high = (self.low, middle) if answer == "a" else (middle, self.high)

    def best(self) -> Any:
        return (self.low + self.high) / 2


@pytest.mark.parametrize("ideal", [0.1, 0.43, 0.9])
def test_a_listener_prefers_the_nearer(ideal: float) -> None:
    def hear(angle: Any) -> np.ndarray:
        return np.array([np.cos(angle), np.sin(angle)])

    line: Any = Line()
    path = search.follow(line, hear, [hear(ideal)], choices=2 * EVERY)
    assert abs(line.best() - ideal) <= 2.0 ** -(2 * EVERY)
    assert len(path) == 2 and path[0] >= np.cos(2.0**-EVERY)
    np.testing.assert_allclose(path[1], np.cos(line.best() - ideal), atol=1e-9)


def found(last: float, best: float) -> SearchFigures:
    return SearchFigures(np.array([0.5, last]), np.array([0.4, best, best - 0.1]), 0.9)


def test_figures_are_medians_over_targets() -> None:
    figures = search.evaluate([found(0.8, 0.7), found(0.9, 0.7), found(0.6, 0.7)])
    assert figures["targets"] == 3 and figures["choices"] == 2 * EVERY
    assert figures["secs"] == 0.8 and figures["gain"] == pytest.approx(0.1)
    assert figures["best"] == 0.7 and figures["mean"] == pytest.approx((0.4 + 0.7 + 0.6) / 3)
    assert figures["path"] == [0.5, 0.8] and figures["own"] == 0.9
    first, second = search.rows({"spoken": figures, "recorded": figures | {"gain": 0.05}})
    assert first.target == "at least 0.100" and second.met is False


@pytest.mark.parametrize(
    "given",
    [[], [found(0.8, 0.7), SearchFigures(np.ones(3), np.ones(1), 1.0)], [found(0.8, 1.7)], [found(np.nan, 0.7)]],
)
def test_what_is_no_cosine_is_refused(given: list[SearchFigures]) -> None:
    with pytest.raises(ValueError, match="Give"):
        search.evaluate(given)


@pytest.mark.parametrize(("encoder", "quick", "said"), [(None, False, "resemblyzer"), (object(), True, "full run")])
def test_what_is_not_measured_is_absent(encoder: Any, quick: bool, said: str) -> None:
    rows: list[Any] = []
    report = SimpleNamespace(add=lambda name, found, made: rows.extend(made))
    study: Any = SimpleNamespace(
        originals=SimpleNamespace(encoder=encoder), plan=SimpleNamespace(quick=quick, seed=0), report=report, vv=None
    )
    search.run(study)
    assert search.steps(study) == 0
    assert rows[0].value is None and said in rows[0].beside
