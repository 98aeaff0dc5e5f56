"""What is drawn is named by the seed, and lies within what was asked for."""

from typing import Any

import pytest

from voicevae.augmentation import AugmentationPlan
from voicevae.augmentation.plan import DRAWN, draw
from voicevae.errors import EditError


def test_a_speaker_has_one_voice_a_copy_and_each_recording_its_own_edits() -> None:
    plan = AugmentationPlan(seed=3)
    one, two = draw(plan, "ann", "a", 1), draw(plan, "ann", "b", 1)
    assert one.voice_seed == two.voice_seed and one.edits != two.edits
    assert one == draw(plan, "ann", "a", 1)
    voices = {draw(plan, speaker, "a", copy).voice_seed for speaker in ("ann", "bob") for copy in (1, 2, 3)}
    assert len(voices) == 6
    assert draw(AugmentationPlan(seed=4), "ann", "a", 1).voice_seed != one.voice_seed


def test_edits_are_spread_over_their_ranges() -> None:
    plan = AugmentationPlan(pitch_semitones=(-3, 5), pitch_range=(1, 1), rate=(0.5, 2))
    drawn = [draw(plan, "ann", str(i), 1) for i in range(400)]
    for name in DRAWN:
        low, high = getattr(plan, name)
        values = [getattr(one, name) for one in drawn]
        assert low <= min(values) and max(values) <= high
        assert abs(sum(values) / len(values) - (low + high) / 2) <= 0.1 * (high - low)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"copies": 0}, "copies is 0; give a whole number from 1"),
        ({"copies": True}, "copies is True"),
        ({"seed": -1}, "seed is -1"),
        ({"rate": (1.2, 0.8)}, "rate is .* two rising numbers from 0.25 to 4"),
        ({"rate": (0.1, 1)}, "rate is"),
        ({"pitch_semitones": (float("nan"), 1)}, "pitch_semitones is"),
        ({"pitch_range": 1.0}, "pitch_range is 1.0"),
        ({"pitch_range": "12"}, "pitch_range is"),
        ({"pitch_range": (1, 2, 3)}, "pitch_range is"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(EditError, match=said):
        AugmentationPlan(**wrong)
