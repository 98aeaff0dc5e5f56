"""Lines whose steps are known are told from those that go back."""

import numpy as np
import pytest

from voicevae.evaluation.metrics.pitch import Track
from voicevae.evaluation.verbs import blending
from voicevae.evaluation.verbs.blending import STEPS, Line
from voicevae.units import SEMITONES_PER_NAT


def arc(wobble: float = 0.0) -> np.ndarray:
    """Embeddings of two sentences on a quarter of a circle, `[9, 2, 3]`."""
    angle = np.linspace(0, np.pi / 2, STEPS) + wobble * np.array([0, 0, 1, 0, 0, 0, 0, 0, 0])
    one = np.stack([np.cos(angle), np.sin(angle), np.full(STEPS, 0.1)], 1)
    return np.stack([one, 2 * one], 1)


def line(wobble: float = 0.0) -> Line:
    blends = arc(wobble)
    return Line(blends, blends[0, :1], blends[-1, :1])


MANNER = np.stack([np.linspace(1, 3, STEPS), np.linspace(12, 7, STEPS)], 1)


def test_a_straight_way_is_monotone_and_one_that_turns_back_is_not() -> None:
    back = MANNER.copy()
    back[4, 1] = 20
    found = blending.evaluate([line(), line(0.5)], [MANNER, back])
    assert found["monotone"] == 0.5 and found["monotone_real"] == 0.5
    assert found["pitch_range"] == 1.0 and found["depth"] == 0.5
    assert found["pairs"] == found["prosody_pairs"] == 2


def test_cosines_are_with_the_same_sentence_or_with_all() -> None:
    blends = arc()
    angle = np.linspace(0, np.pi / 2, STEPS)
    wanted = (np.cos(angle) + 0.01) / 1.01
    np.testing.assert_allclose(blending.cosines(blends, blends[0]), wanted)
    np.testing.assert_allclose(blending.mean_cosines(blends, blends[0]), wanted)


@pytest.mark.parametrize(("values", "wanted"), [([1, 2, 3], True), ([1, 1, 2], False), ([3, 2], False)])
def test_monotone(values: list[float], wanted: bool) -> None:
    assert blending.monotone(np.array(values)) is wanted


@pytest.mark.parametrize("blends", [np.ones((8, 2, 3)), np.ones((9, 3)), np.full((9, 2, 3), np.nan)])
def test_other_than_nine_steps_are_refused(blends: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite embeddings"):
        blending.evaluate([Line(blends, np.ones((1, 3)), np.ones((1, 3)))], [])


def test_prosodies_are_read_from_the_same_frames() -> None:
    """Dynamics that widen are deeper, though frames fade below the edge of speech; more voiced frames count not."""
    shape = np.concatenate([np.zeros(20), np.linspace(0, -39, 60), np.full(20, -60)])
    loudness = np.stack([factor * shape - 20 for factor in (0.9, 1.0, 1.2)])
    log_f0 = np.linspace(4.8, 5.2, 100)
    tracks = [Track(5 + factor * (log_f0 - 5), np.arange(100) < 90 + i) for i, factor in enumerate((0.5, 1.0, 2.0))]
    found = blending.prosodies(loudness, tracks)
    np.testing.assert_allclose(found[:, 0], SEMITONES_PER_NAT * np.array([0.5, 1, 2]) * log_f0[:90].std())
    np.testing.assert_allclose(found[:, 1] / found[1, 1], [0.9, 1, 1.2])
