"""Padding is what windows reach beyond recordings."""

import numpy as np
import pytest

from benchmarks.rates import padded


def test_the_share_is_that_of_the_frames_beyond_the_end() -> None:
    assert padded(np.array([300, 200]), 200) == 0
    assert padded(np.array([100, 300]), 200) == pytest.approx(100 / 400)
    assert padded(np.array([50, 150, 100]), 100) == pytest.approx(50 / 300)
