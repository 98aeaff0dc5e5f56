"""Labels of speech at another rate, in closed form."""

from lhotse import SupervisionSegment
from lhotse.supervision import AlignmentItem

from voicevae.augmentation.labels import rescaled

SEGMENT = SupervisionSegment(
    id="s",
    recording_id="r",
    start=0.4,
    duration=2.0,
    text="one two",
    language="en",
    speaker="ann",
    gender="female",
    custom={"style": "joy"},
    alignment={"word": [AlignmentItem("one", 0.5, 0.25, 0.9), AlignmentItem("two", 1.0, 0.5)]},
)


def test_all_times_are_divided_by_the_rate() -> None:
    faster = rescaled(SEGMENT, 2.0, "r_voice1", "ann_voice1", "female")
    assert (faster.start, faster.duration) == (0.2, 1.0)
    assert faster.alignment == {"word": [("one", 0.25, 0.125, 0.9), ("two", 0.5, 0.25, None)]}
    assert (faster.id, faster.recording_id, faster.speaker) == ("r_voice1-s", "r_voice1", "ann_voice1")


def test_what_is_said_stays() -> None:
    same = rescaled(SEGMENT, 1.0, "r", "ann", "female")
    assert same.alignment == SEGMENT.alignment and (same.start, same.duration) == (0.4, 2.0)
    assert (same.text, same.language, same.custom, same.gender) == ("one two", "en", {"style": "joy"}, "female")
    assert rescaled(SEGMENT, 1.0, "r", None, None).gender is None
