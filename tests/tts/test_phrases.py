"""Streams are cut in pauses, and never wait too long."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from voicevae.tts.phrases import MAX_PHRASE_S, MIN_PHRASE_S, PAUSE_S, cut, levels_db

RATE = 80.0


def levels(*pieces: tuple[float, float]) -> np.ndarray:
    """(seconds, dB) of each."""
    return np.concatenate([np.full(round(seconds * RATE), db) for seconds, db in pieces])


def test_the_level_of_a_sine_is_3_db_below_its_peak() -> None:
    wave = np.sin(2 * np.pi * 400 * np.arange(16000) / 16000).astype(np.float32)
    np.testing.assert_allclose(levels_db(wave, 200), -3.01, atol=0.01)
    assert len(levels_db(wave[:999], 200)) == 4


def test_a_phrase_ends_in_the_middle_of_what_makes_a_pause() -> None:
    assert cut(levels((2.0, -20), (0.5, -60), (2.0, -20)), RATE) == 160 + round(PAUSE_S * RATE) // 2


def test_a_short_gap_is_no_pause() -> None:
    assert cut(levels((2.0, -20), (0.1, -60), (2.0, -20)), RATE) == 0


def test_too_short_a_phrase_goes_on_into_the_next() -> None:
    found = cut(levels((0.5, -20), (0.3, -60), (1.0, -20), (0.3, -60), (1, -20)), RATE)
    assert 1.8 * RATE < found < 2.1 * RATE


def test_without_a_pause_the_quietest_place_serves() -> None:
    assert cut(levels((4.0, -20), (0.1, -30), (3.0, -20)), RATE) in range(320, 328)


@given(st.lists(st.floats(-90, 0), max_size=700))
@settings(max_examples=50)
def test_a_cut_is_bounded_and_comes_in_time(level_db: list[float]) -> None:
    found = cut(np.array(level_db), RATE)
    assert found == 0 or MIN_PHRASE_S * RATE <= found <= min(MAX_PHRASE_S * RATE, len(level_db))
    assert found > 0 or len(level_db) < MAX_PHRASE_S * RATE


@given(st.integers(1, 400))
@settings(max_examples=50)
def test_a_cut_once_found_stays(more: int) -> None:
    known = levels((1.5, -20), (0.3, -60))
    assert cut(np.concatenate([known, np.full(more, -25.0)]), RATE) == cut(known, RATE) > 0
