"""Labels of a recording at another rate: every time is divided by it."""

from collections.abc import Sequence

from lhotse import SupervisionSegment
from lhotse.supervision import AlignmentItem
from lhotse.utils import fastcopy


def rescaled(
    segment: SupervisionSegment, rate: float, recording: str, speaker: str | None, gender: str | None
) -> SupervisionSegment:
    """`segment` at `rate` times its speed, by `speaker` in the recording named `recording`.

    Start, duration and the alignments (words, phones, any kind) are rescaled; text, language and custom fields stay.
    """
    alignment = segment.alignment and {kind: _rescaled(items, rate) for kind, items in segment.alignment.items()}
    return fastcopy(
        segment,
        id=f"{recording}-{segment.id}" if segment.id != segment.recording_id else recording,
        recording_id=recording,
        start=segment.start / rate,
        duration=segment.duration / rate,
        channel=0,
        speaker=speaker,
        gender=gender,
        alignment=alignment,
    )


def _rescaled(items: Sequence[AlignmentItem], rate: float) -> list[AlignmentItem]:
    return [item._replace(start=item.start / rate, duration=item.duration / rate) for item in items]
