"""Songs whose errors are known."""

import numpy as np
import pytest

from voicevae.evaluation.metrics.pitch import Track
from voicevae.evaluation.verbs import singing
from voicevae.evaluation.verbs.singing import Song
from voicevae.verbs.notes import log_f0_of
from voicevae.verbs.setting import Tone

FPS = 100.0
TONES = [Tone(0.0, 0.5, 57), Tone(0.5, 1.0, 60), Tone(1.2, 1.6, 55)]


def track(late_s: float = 0.0, cents: float = 0.0) -> Track:
    """The tones, `late_s` too late and `cents` too high, unvoiced in the rest."""
    times = np.arange(160) / FPS - late_s
    midi = np.select([times < 0.495, times < 1.095], [57.0, 60.0], 55.0) + cents / 100
    return Track(log_f0_of(midi), (times < 0.995) | (times > 1.195))


@pytest.mark.parametrize("cents", [0.0, 20.0, -7.0])
def test_a_tune_that_is_off_is_off_by_so_much(cents: float) -> None:
    np.testing.assert_allclose(singing.pitch_errors(track(0, cents), TONES, FPS), abs(cents), atol=1e-6)


@pytest.mark.parametrize("late", [0.0, 0.02, 0.1])
def test_notes_that_are_late_are_late_by_so_much(late: float) -> None:
    np.testing.assert_allclose(singing.boundary_errors(track(late), TONES, FPS), [late, late], atol=1e-9)


def test_a_note_that_is_not_heard_is_never_in_time() -> None:
    silent = Track(track().log_f0, np.arange(160) < 90)
    assert singing.boundary_errors(silent, TONES, FPS).tolist() == [0.0, np.inf]


def test_a_tone_repeated_has_no_boundary() -> None:
    again = [Tone(0.0, 0.5, 57), Tone(0.5, 1.0, 57)]
    assert not len(singing.boundary_errors(track(), again, FPS))


def test_songs_add_up() -> None:
    found = singing.evaluate(
        [
            Song(np.array([1.0, 2.0, 3.0]), np.array([0.01, 0.02]), (0.7, 0.75, 0.74, 0.72)),
            Song(np.array([4.0, 60.0]), np.array([0.02, np.inf]), (0.6, 0.7, 0.65, 0.66)),
            Song(np.array([3.0]), np.array([0.0]), None),
        ]
    )
    assert found["median_cents"] == 3 and found["share_over_50_cents"] == pytest.approx(1 / 6)
    assert found["in_time"] == pytest.approx(0.8) and found["boundaries"] == 5
    assert found["secs_drop"] == pytest.approx(0.075) and found["secs_drop_edit"] == pytest.approx(0.03)
    assert found["secs_drop_key"] == pytest.approx(0.035) and found["embedded"] == 2
    rows = singing.rows(found)
    assert [row.met for row in rows] == [True, False, False, True]
    assert rows[3].value == pytest.approx(0.045)


def test_without_a_judge_the_speaker_is_absent() -> None:
    found = singing.evaluate([Song(np.array([1.0]), np.array([0.0]), None)])
    assert singing.rows(found)[-1].value is None


@pytest.mark.parametrize("tones", [[], [Tone(1.0, 2.0, 60), Tone(0.0, 1.0, 60)]])
def test_tones_that_make_no_sense_are_refused(tones: list[Tone]) -> None:
    with pytest.raises(ValueError, match="order of time"):
        singing.pitch_errors(track(), tones, FPS)
