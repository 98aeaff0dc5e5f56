"""A bridge over missing frames of a batch is a straight line, and nothing else moves."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from voicevae.features import gaps
from voicevae.training.gaps import bridge


def ramp(n_frames: int) -> torch.Tensor:
    """Straight lines `[1, T, 3]`, which linear interpolation gives back."""
    return torch.arange(n_frames, dtype=torch.float32)[None, :, None] * torch.tensor([1.0, -2.0, 0.5])


@given(st.lists(st.booleans(), min_size=3, max_size=30))
def test_straight_lines_are_restored_between_frames_that_are_there(missing: list[bool]) -> None:
    missing[0] = missing[-1] = False
    gone = torch.tensor(missing)[None]
    lines = ramp(len(missing))
    np.testing.assert_allclose(bridge(torch.where(gone[..., None], torch.nan, lines), gone), lines, atol=1e-5)


def test_at_an_end_the_last_frame_is_held() -> None:
    missing = torch.tensor([[True, True, False, False, True]])
    expected = ramp(5)[:, [2, 2, 2, 3, 3]]
    np.testing.assert_array_equal(bridge(ramp(5), missing), expected)


def test_rows_are_bridged_apart_and_an_empty_one_stays() -> None:
    missing = torch.tensor([[True] * 4, [False] * 4, [False, True, True, False]])
    frames = torch.randn(3, 4, 2)
    bridged = bridge(frames, missing)
    np.testing.assert_array_equal(bridged[:2], frames[:2])
    np.testing.assert_allclose(bridged[2, 1], frames[2, 0] * 2 / 3 + frames[2, 3] / 3, atol=1e-6)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_each_row_is_bridged_as_in_use(missing: list[bool]) -> None:
    frames, gone = torch.randn(1, len(missing), 3), torch.tensor(missing)
    expected = gaps.bridge(frames[0].numpy(), gone.numpy())
    np.testing.assert_allclose(bridge(frames, gone[None])[0], expected, atol=1e-5)
