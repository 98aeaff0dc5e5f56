"""Traversals: names and agreement of planted effects."""

import numpy as np
import pytest

from voicevae.evaluation.verbs import traversal

EFFECTS = np.zeros((3, 2, 3))
EFFECTS[:, 0, 1] = [0.5, 0.7, 0.6]  # the first dimension moves the second measure, the same way each time
EFFECTS[:, 1, 2] = [-0.4, 0.1, -0.3]  # the second the third, not always the same way


def test_a_dimension_is_named_for_what_it_moves_most() -> None:
    most, mean = traversal.named(EFFECTS)
    assert most.tolist() == [1, 2]
    np.testing.assert_allclose(mean, [0.6, -0.2])


def test_agreement_is_one_sign_everywhere() -> None:
    assert traversal.agreement(EFFECTS) == 0.5
    assert traversal.agreement(EFFECTS[:1]) == 1.0


def test_what_moves_nothing_has_no_name() -> None:
    found = traversal.evaluate(EFFECTS * 0.1, ["a", "b", "c"])
    assert found["named"] == 0.5
    assert found["effects"][0] == ("b", pytest.approx(0.06))
    share, _ = traversal.rows("z_s", found)
    assert share.value == 50.0 and "b +0.06" in share.beside


@pytest.mark.parametrize("bad", [np.zeros((2, 3)), np.zeros((0, 2, 3)), np.full((1, 2, 3), np.nan)])
def test_what_are_no_effects_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite"):
        traversal.named(bad)
