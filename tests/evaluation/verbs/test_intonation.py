"""The report on transfer: contours brought to another's time, and figures of known pairs."""

import numpy as np
import pytest

from voicevae.evaluation.metrics.pitch import Track, correlation
from voicevae.evaluation.verbs import intonation
from voicevae.evaluation.verbs.intonation import TransferFigures
from voicevae.features import Frames


def frames(seed: int, step: int = 1) -> Frames:
    """Frames whose mel moves, each said `step` times."""
    random = np.random.default_rng(seed)
    mel = np.repeat(np.cumsum(random.normal(size=(60, 88)), 0), step, axis=0).astype(np.float32)
    n = len(mel)
    return Frames(mel, np.zeros(n, np.float32), np.ones(n, np.float32), np.full(n, -20, np.float32))


def test_the_place_in_what_is_said_slower_is_twice_as_far() -> None:
    place = intonation.place_by_words(frames(0), frames(0, 2))
    np.testing.assert_allclose(place[2:-4], 2 * np.arange(len(place))[2:-4], atol=3)


def test_from_end_to_end_is_a_line() -> None:
    one, other = Track(np.zeros(50), np.arange(50) >= 10), Track(np.zeros(90), np.arange(90) < 79)
    place = intonation.place_by_ends(one, other)
    np.testing.assert_allclose(place[10:], 2 * np.arange(40))


def test_a_contour_read_at_another_pace_is_itself_again() -> None:
    time = np.arange(100)
    one = Track(np.sin(time / 9), np.ones(100, bool))
    slow = Track(np.sin(np.arange(199) / 18), np.ones(199, bool))
    place = 2.0 * time
    place[90:] = np.nan
    found = intonation.brought(slow, one, place)
    assert not found.voiced[90:].any() and found.voiced[:90].all()
    assert correlation(found, one) == pytest.approx(1, abs=1e-6)


def pair(correlations: list[float], cosines: list[float] | None, distances: list[float], same: bool) -> TransferFigures:
    return TransferFigures(
        np.array(correlations), None if cosines is None else np.array(cosines), np.array(distances), same
    )


def test_figures_of_known_pairs() -> None:
    found = intonation.evaluate(
        [
            pair([0.1, 0.5, 0.9], [0.9, 0.88, 0.86], [1, 1, 1.2], True),
            pair([0.3, 0.2, 0.9], None, [float("nan")] * 3, False),
        ],
        {"same": 2.0, "different": 2.5},
    )
    assert found["pairs"] == 2 and found["same"] == 1 and found["rises"] == 0.5
    assert found["correlation"] == pytest.approx([0.2, 0.35, 0.9])
    assert found["secs_drop"] == pytest.approx(0.04) and found["content"] == pytest.approx([-2, -2, -1.6])
    rises, speaker, content = intonation.rows(found)
    assert (rises.met, speaker.met, content.met) == (False, False, True)
    assert "0.20 at 0, 0.35 at 0.5, 0.90 at 1" in rises.beside


def test_what_was_not_measured_is_absent() -> None:
    found = intonation.evaluate([pair([0.1, 0.5, 0.9], None, [1, 1, 1], False)])
    assert found["secs_drop"] is None and found["content"] is None
    assert [row.value is None for row in intonation.rows(found)] == [False, True, True]
    with pytest.raises(ValueError, match="at least one pair"):
        intonation.evaluate([])
