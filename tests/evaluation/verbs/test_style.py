"""The report on styles: directions and a probe on recordings whose differences are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.evaluation.verbs import style
from voicevae.evaluation.verbs.style import StyleFigures
from voicevae.training.calibration_style import Styled, StyleFit
from voicevae.verbs.style import EFFECTS


@pytest.fixture(scope="module")
def heard(small_bundle: Path) -> StyleFigures:
    """Joy is 4 semitones above neutral, give or take 1; pushed it is 3 above, and its range narrows where it widens.

    Its level is as often up as down: not clear. The rate is not known.
    """
    random = np.random.default_rng(0)
    found = StyleFigures(StyleFit(voicevae.load(small_bundle).coder))

    def add(kind: str, name: str, changes: dict[str, float]) -> None:
        effects = np.array([changes.get(name, np.nan if name == "rate" else 0.0) for name in EFFECTS])
        found.vectors.append(np.array([name == "joy", 0.0]) + 0.1 * random.normal(size=2))
        found.styles.append(name)
        found.kinds.append(kind)
        if kind != "known":
            pushed = name if kind == "real" else style.PUSHED + name
            found.fit.recordings.append(Styled("a", pushed, "one", effects, np.zeros(2), None))

    for i in range(8):
        sign = (-1) ** i
        joy = {"pitch": 4 + sign, "range": 0.5 + 0.01 * sign, "level": sign}
        for kind in ("known", "real"):
            add(kind, "neutral", {})
            add(kind, "joy", joy)
        add("pushed", "joy", {"pitch": 3, "range": -0.2})
    return found


def test_directions_that_are_clear_are_compared(heard: StyleFigures) -> None:
    found = style.directions(heard, ["joy"])["joy"]
    assert found["mean F0"] == (pytest.approx(4), pytest.approx(3), True)
    assert found["F0 range"] == (pytest.approx(0.5), pytest.approx(-0.2), True)
    assert not found["loudness"][2] and found["rate"] == (0, 0, False)


def test_the_probe_hears_what_it_was_taught(heard: StyleFigures) -> None:
    found = style.evaluate(heard, ["joy"])
    assert found["accuracy"] == found["accuracy_real"] == 1
    assert found["clear"] == 2 and found["as_recorded"] == 0.5
    assert found["styles"] == 2 and found["sources"] == 8 and found["known"] == 16
    direction, probe, words = style.rows(found)
    assert words.value is None and "no recogniser" in words.beside
    assert not direction.met and "joy F0 range -0.20 for +0.50" in direction.beside
    assert probe.met and probe.at_least == 100  # twice the chance of two styles


def test_errors_that_a_style_adds_are_counted(heard: StyleFigures) -> None:
    counted = replace(heard, cer_added=[0.0, 0.1], round_trip=[0.02])
    words = style.rows(style.evaluate(counted, ["joy"]))[2]
    assert words.value == pytest.approx(0.05) and not words.met and words.at_most == 0.03
    assert "adds 0.020" in words.beside
