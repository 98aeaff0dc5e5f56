"""A bridge over missing frames is a straight line, and nothing else moves."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicevae.features.gaps import bridge


def ramp(n_frames: int) -> np.ndarray:
    """Straight lines `[T, 3]`, which linear interpolation gives back."""
    return np.arange(n_frames, dtype=np.float32)[:, None] * np.array([1.0, -2.0, 0.5], np.float32)


@given(st.lists(st.booleans(), min_size=3, max_size=30))
def test_straight_lines_are_restored_between_frames_that_are_there(missing: list[bool]) -> None:
    missing[0] = missing[-1] = False
    gone, lines = np.array(missing), ramp(len(missing))
    broken = np.where(gone[:, None], np.nan, lines)
    np.testing.assert_allclose(bridge(broken, gone), lines, atol=1e-5)
    assert np.isnan(broken).any() == gone.any()  # what is given is not changed


def test_at_an_end_the_last_frame_is_held() -> None:
    missing = np.array([True, True, False, False, True])
    np.testing.assert_array_equal(bridge(ramp(5), missing), ramp(5)[[2, 2, 2, 3, 3]])


def test_without_a_frame_left_they_stay() -> None:
    np.testing.assert_array_equal(bridge(ramp(4), np.ones(4, bool)), ramp(4))
