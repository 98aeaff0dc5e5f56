"""Edits do what their numbers say: semitones and dB add, ratios multiply, and nothing asked is nothing done."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicevae.edits import RANGES, Edit, edit_contours, read_at, smoothed
from voicevae.errors import EditError
from voicevae.units import NATS_PER_SEMITONE

half = {name: st.floats(low / 2, high / 2) for name, (low, high) in RANGES.items() if low < 0}
ratios = {"pitch_range": st.floats(0, 2), "rate": st.floats(0.5, 2)}
edits = st.builds(Edit, **half, **ratios)


def contours(n: int = 40) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.column_stack([random.normal(5, 0.3, n), random.random(n), random.normal(-30, 9, n)]).astype(np.float32)


@given(edits)
def test_nothing_before_or_after_changes_an_edit(edit: Edit) -> None:
    assert Edit().then(edit) == edit == edit.then(Edit())


@given(edits, edits)
def test_one_after_another(one: Edit, two: Edit) -> None:
    both = one.then(two)
    assert both.pitch_semitones == one.pitch_semitones + two.pitch_semitones
    assert both.formant_semitones == one.formant_semitones + two.formant_semitones
    assert both.energy_db == one.energy_db + two.energy_db
    assert both.rate == one.rate * two.rate and both.pitch_range == one.pitch_range * two.pitch_range


@given(edits, edits)
def test_editing_twice_is_editing_once_by_both(one: Edit, two: Edit) -> None:
    """But for the mean, which the first edit moves: the range is about the mean, so range first."""
    plain_two = Edit(two.pitch_semitones, 1.0, two.rate, two.energy_db, two.formant_semitones)
    twice = edit_contours(edit_contours(contours(), 5.0, one), 5.0, plain_two)
    np.testing.assert_allclose(twice, edit_contours(contours(), 5.0, one.then(plain_two)), atol=1e-4)


def test_the_identity_is_exact() -> None:
    np.testing.assert_array_equal(edit_contours(contours(), 5.25, Edit()), contours())


@given(st.floats(-24, 24))
def test_pitch_adds_semitones_and_nothing_else(semitones: float) -> None:
    edited = edit_contours(contours(), 5.0, Edit(pitch_semitones=semitones))
    np.testing.assert_allclose((edited - contours())[:, 0] / NATS_PER_SEMITONE, semitones, atol=1e-4)
    np.testing.assert_array_equal(edited[:, 1:], contours()[:, 1:])


def test_twelve_semitones_are_an_octave() -> None:
    edited = edit_contours(contours(), 5.0, Edit(pitch_semitones=12))
    np.testing.assert_allclose(np.exp(edited[:, 0] - contours()[:, 0]), 2, rtol=1e-5)


@given(st.floats(0, 4))
def test_range_scales_excursions_about_the_mean(ratio: float) -> None:
    edited = edit_contours(contours(), 4.8, Edit(pitch_range=ratio))
    np.testing.assert_allclose(edited[:, 0] - 4.8, ratio * (contours()[:, 0] - 4.8), atol=1e-5)


def test_a_range_of_zero_is_monotone() -> None:
    np.testing.assert_allclose(edit_contours(contours(), 4.8, Edit(pitch_range=0))[:, 0], 4.8, rtol=1e-6)


@given(st.floats(-40, 40))
def test_energy_adds_decibels_and_nothing_else(decibels: float) -> None:
    edited = edit_contours(contours(), 5.0, Edit(energy_db=decibels))
    np.testing.assert_allclose((edited - contours())[:, 2], decibels, atol=1e-5)
    np.testing.assert_array_equal(edited[:, :2], contours()[:, :2])


@given(st.sampled_from(sorted(RANGES)), st.floats(1e-3, 1e6))
def test_what_is_out_of_range_is_refused_by_name(name: str, beyond: float) -> None:
    low, high = RANGES[name]
    for value in (low - beyond, high + beyond, np.nan, np.inf, -np.inf):
        with pytest.raises(EditError, match=name):
            Edit(**{name: value})
    assert getattr(Edit(**{name: low}), name) == low and getattr(Edit(**{name: high}), name) == high


@pytest.mark.parametrize("value", ["3", None, True, [1.0], 1j, np.ones(2)])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(EditError, match="rate"):
        Edit(rate=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1, np.float32(1.5), np.int64(1), 1.5])
def test_numbers_of_any_kind_will_do(value: float) -> None:
    assert edit_contours(contours(), 5.0, Edit(pitch_semitones=value)).dtype == np.float32


def test_edits_that_add_up_to_too_much_are_refused() -> None:
    with pytest.raises(EditError, match="pitch_semitones"):
        Edit(pitch_semitones=20).then(Edit(pitch_semitones=5))


def test_an_edit_says_what_it_changes() -> None:
    assert str(Edit()) == "nothing"
    assert str(Edit(rate=0.5, pitch_semitones=-3)) == "pitch_semitones=-3, rate=0.5"
    assert {f.name for f in fields(Edit)} == set(RANGES)


@given(st.integers(1, 200))
def test_whole_positions_are_the_frames_themselves(n: int) -> None:
    np.testing.assert_array_equal(read_at(contours(n), np.arange(n)), contours(n))


@pytest.mark.parametrize("rate", [0.25, 0.5, 0.75, 1.25, 2.0, 4.0])
def test_a_straight_line_stays_straight_at_any_rate(rate: float) -> None:
    line = np.arange(80, dtype=np.float32)[:, None] * np.array([1.0, -2.0], np.float32)
    positions = np.arange(int(79 / rate) + 1) * rate
    np.testing.assert_allclose(read_at(line, positions), positions[:, None] * [1.0, -2.0], atol=1e-4)


@given(st.integers(1, 50), st.floats(0.25, 4), st.integers(1, 300))
def test_reading_stays_within_what_was_there(n: int, rate: float, n_frames: int) -> None:
    made = read_at(contours(n), np.arange(n_frames) * rate)
    assert made.shape == (n_frames, 3) and made.dtype == np.float32
    np.testing.assert_array_equal(made[0], contours(n)[0])
    assert (made >= contours(n).min(0) - 1e-4).all() and (made <= contours(n).max(0) + 1e-4).all()


def test_a_mean_over_neighbours_keeps_sums_and_ends() -> None:
    spike = np.zeros(30)
    spike[15] = 1
    made = smoothed(spike, 4)
    assert made.sum() == pytest.approx(1) and np.flatnonzero(made).tolist() == list(range(11, 20))
    np.testing.assert_allclose(smoothed(np.full(3, 2.0), 4), 2)
    np.testing.assert_array_equal(smoothed(spike, 0), spike)
