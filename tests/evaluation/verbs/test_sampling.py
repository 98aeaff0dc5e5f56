"""Figures of sampled voices on vectors whose cosines are known."""

import numpy as np
import pytest

from voicevae.evaluation.verbs import sampling
from voicevae.evaluation.verbs.sampling import Sampled

AXES = np.eye(4)


def test_voices_at_right_angles_are_consistent_and_different() -> None:
    voices = np.stack([np.stack([2 * AXES[i], 3 * AXES[i]]) for i in range(3)])
    np.testing.assert_allclose(sampling.consistency(voices), 1)
    assert sampling.diversity(voices) == pytest.approx(1)
    np.testing.assert_allclose(sampling.novelty(voices, {"a": AXES[:1], "b": AXES[3:]}), [0, 1, 1])


def test_sentences_at_sixty_degrees() -> None:
    apart = np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    voices = np.stack([apart, apart])
    np.testing.assert_allclose(sampling.consistency(voices), 0.5)
    assert sampling.diversity(voices) == pytest.approx(1 - 0.75)  # the mean of 1, 1, 0.5 and 0.5
    np.testing.assert_allclose(sampling.novelty(voices, {"a": apart[:1]}), 0.25)


@pytest.mark.parametrize(
    "voices", [np.ones((1, 2, 3)), np.ones((2, 1, 3)), np.ones((2, 3)), np.full((2, 2, 3), np.nan)]
)
def test_what_is_no_set_of_voices_is_refused(voices: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite embeddings"):
        sampling.consistency(voices)


class Pitch:
    """A judge for whom the first feature above 5 is female."""

    def classify(self, features: np.ndarray) -> list[str]:
        return ["female" if one[0] > 5 else "male" for one in features]


def voice(asked: str, log_f0: float, distance: float, axis: int) -> Sampled:
    return Sampled(asked, np.stack([AXES[axis]] * 2), np.full((2, 5), log_f0), np.full(2, distance))


def test_everything_about_voices() -> None:
    voices = [voice("female", 5.3, 1.2, 0), voice("male", 4.7, 1.4, 1), voice("male", 5.2, 1.9, 2)]
    scale = {"same": 1.0, "different": 2.0}
    found = sampling.evaluate(voices, {"a": AXES[3:]}, Pitch(), scale)  # type: ignore[arg-type]
    assert found["voices"] == 3 and found["sentences"] == 2
    assert found["gender"] == pytest.approx(2 / 3) and found["intelligible"] == pytest.approx(2 / 3)
    assert found["content"] == pytest.approx(0.5) and found["novelty_lowest"] == pytest.approx(1)
    assert sampling.evaluate(voices, {"a": AXES[3:]}, None, scale)["gender"] is None
