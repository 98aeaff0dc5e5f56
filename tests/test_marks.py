"""Marks change what lies in their spans, by what they say, and nothing else; time is exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicevae.edits import Edit, edit_contours
from voicevae.errors import EditError
from voicevae.marks import Mark, Piece, checked, edited, length, pieces, positions
from voicevae.units import NATS_PER_SEMITONE

RATE, SECONDS, RAMP = 80.0, 4.0, 3.2  # frames a second; frames of a ramp of 40 ms
FRAMES = np.random.default_rng(0).normal(5, 1, (320, 3)).astype(np.float32)

edits = st.builds(
    Edit,
    pitch_semitones=st.floats(-6, 6),
    pitch_range=st.floats(0.5, 2),
    rate=st.floats(0.5, 2),
    energy_db=st.floats(-6, 6),
)
thirds = st.tuples(edits, edits, edits).map(
    lambda three: [Mark(0.1 + i, 0.1 + i + 0.5, edit) for i, edit in enumerate(three)]
)


def row(edit: Edit, marks: list[Mark]) -> list[Piece]:
    return pieces(edit, checked(marks, SECONDS), SECONDS * RATE, RATE)


def contours(found: list[Piece]) -> np.ndarray:
    return edited(FRAMES, found, RAMP, lambda part, edit: edit_contours(part, 5.0, edit))


@given(edits, thirds)
def test_pieces_cover_the_recording_without_gaps(edit: Edit, marks: list[Mark]) -> None:
    found = row(edit, marks)
    assert found[0].start == 0 and found[-1].end == SECONDS * RATE
    assert all(one.end == two.start and one.edit != two.edit for one, two in zip(found[:-1], found[1:], strict=True))


@given(edits, edits)
def test_a_mark_on_everything_is_the_global_edit(edit: Edit, more: Edit) -> None:
    assert row(edit, [Mark(0, SECONDS, more)]) == row(edit.then(more), [])


@given(edits)
def test_a_mark_that_asks_nothing_is_none(edit: Edit) -> None:
    assert row(edit, [Mark(1, 2, Edit())]) == row(edit, [])


@given(edits, thirds)
def test_marks_commute(edit: Edit, marks: list[Mark]) -> None:
    assert row(edit, marks[::-1]) == row(edit, marks)


@given(edits)
def test_marks_that_touch_are_one(edit: Edit) -> None:
    assert row(Edit(), [Mark(1, 2, edit), Mark(2.0005, 3, edit)]) == row(Edit(), [Mark(1, 3, edit)])


@given(edits)
def test_frames_are_edited_inside_and_untouched_outside(edit: Edit) -> None:
    made = contours(row(Edit(), [Mark(1, 2, edit)]))
    inside = slice(82, 159)  # beyond half a ramp from the ends at 80 and 160
    np.testing.assert_allclose(made[inside], edit_contours(FRAMES, 5.0, edit)[inside], atol=1e-5)
    for outside in (slice(0, 79), slice(162, 320)):
        np.testing.assert_array_equal(made[outside], FRAMES[outside])


def test_a_ramp_is_a_straight_line_of_40_ms_about_the_boundary() -> None:
    made = contours(row(Edit(), [Mark(1, 2, Edit(pitch_semitones=2))]))
    semitones = (made - FRAMES)[:, 0] / NATS_PER_SEMITONE
    for boundary, way in ((80, 1), (160, -1)):
        for frame in (-1, 0, 1):
            wanted = 2 * (0.5 + way * frame / RAMP)
            assert semitones[boundary + frame] == pytest.approx(wanted, abs=1e-4)


@given(edits, thirds)
def test_a_span_lasts_as_long_as_its_rate_says(edit: Edit, marks: list[Mark]) -> None:
    asked = sum(0.5 / (edit.rate * mark.edit.rate) for mark in marks) + (SECONDS - 1.5) / edit.rate
    assert length(row(edit, marks)) / RATE == pytest.approx(asked, rel=1e-9)


@given(edits, thirds)
def test_time_runs_on_without_jumps(edit: Edit, marks: list[Mark]) -> None:
    found = row(edit, marks)
    where = positions(found, int(length(found)))
    rates = [piece.edit.rate for piece in found]
    assert where[0] == 0 and where[-1] <= SECONDS * RATE
    steps = np.diff(where)
    assert min(rates) - 1e-9 <= steps.min() and steps.max() <= max(rates) + 1e-9


def test_only_the_span_is_stretched() -> None:
    found = row(Edit(), [Mark(1, 2, Edit(rate=0.5))])
    where = positions(found, 400)  # 80 frames, 160 for the span, 160
    np.testing.assert_allclose(where[:81], np.arange(81))
    np.testing.assert_allclose(where[80:241], 80 + np.arange(161) / 2)
    np.testing.assert_allclose(where[240:], 160 + np.arange(160))


@pytest.mark.parametrize("span", [(1, 1), (2, 1), (-0.1, 1), (1, 4.1), (np.nan, 1), (0, np.nan), (0, np.inf)])
def test_spans_that_are_none_are_refused_with_what_is_allowed(span: tuple[float, float]) -> None:
    with pytest.raises(EditError, match="to 4"):
        checked([(*span, Edit())], SECONDS)


@pytest.mark.parametrize("mark", [(0, 1), 3, None, (0, 1, {"rate": 2}), ("0", 1, Edit()), (True, 2, Edit())])
def test_what_is_no_mark_is_refused(mark: object) -> None:
    with pytest.raises(EditError, match="give"):
        checked([mark], SECONDS)


def test_overlaps_are_refused_and_named() -> None:
    with pytest.raises(EditError, match="0.5-1.5 s and 1.2-2 s overlap"):
        checked([(1.2, 2, Edit()), (0.5, 1.5, Edit())], SECONDS)


def test_edits_that_add_up_to_too_much_are_refused() -> None:
    with pytest.raises(EditError, match="pitch_semitones is 30.*-24 to 24"):
        row(Edit(pitch_semitones=20), [Mark(0, 1, Edit(pitch_semitones=10))])


def test_a_last_word_may_end_just_after_the_sound() -> None:
    assert checked([(3, 4.015, Edit())], SECONDS)[0].end_s == SECONDS
