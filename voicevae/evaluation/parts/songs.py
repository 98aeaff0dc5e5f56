"""Speech sung to notes."""

from collections.abc import Sequence
from typing import Any

from voicevae.evaluation import singing
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.voice import VoiceVAE

CLIPS, QUICK_CLIPS = 40, 10
OTHERS = 3
FIGURE = "songs: median distance of voiced frames to the note"
SPEAKER = "songs: SECS with the speaker's recordings, below the round trip's"
EDITED = "songs: the same, below a plain edit of the speech to the song's mean pitch and length"


def steps(study: Study) -> int:
    return len(_clips(study))


def run(study: Study) -> None:
    if not isinstance(study.vv, VoiceVAE):
        study.report.add("songs", None, [absent(FIGURE, "this voice cannot sing")])
        return
    songs, failed = singing.sing_all(study.vv, _clips(study), study.originals.judge, study.step)
    study.report.skipped += failed
    if not songs:
        study.report.add("songs", None, [absent(FIGURE, "no clip has a voiced syllable")])
        return
    found = singing.evaluate(songs)
    study.report.add("songs", found, rows(found))


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `singing.evaluate`."""
    wide = f"95 % within {found['p95_cents']:.0f} cents, {PERCENT * found['share_over_50_cents']:.1f} % over 50 cents"
    late = f"{found['boundaries']} notes, 90 % within {1000 * found['boundary_p90_s']:.0f} ms"
    made = [
        Row(FIGURE, found["median_cents"], "cents", None, None, 15.0, f"{found['songs']} songs; {wide}"),
        Row("songs: notes that begin within 30 ms", PERCENT * found["in_time"], "%", None, 90.0, None, late),
    ]
    if found["secs_drop"] is None:
        return [*made, absent(SPEAKER, f"resemblyzer is not installed; {EXTRA}")]
    beside = f"{found['judged']} songs; in a key that suits the speaker {found['secs_drop_key']:.3f}"
    edited = found["secs_drop"] - found["secs_drop_edit"]
    plain = f"which itself is {found['secs_drop_edit']:.3f} below the round trip: the encoder hears pitch and rate, too"
    return [
        *made,
        Row(SPEAKER, found["secs_drop"], "", None, None, 0.05, beside),
        Row(EDITED, edited, "", None, None, 0.05, plain),
    ]


def _clips(study: Study) -> list[tuple[Clip, Sequence[Clip]]]:
    """Clips, the speakers in turn, each with some others of its speaker."""
    if not isinstance(study.vv, VoiceVAE):
        return []
    own = by_speaker(study.clips)
    drawn = draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
    return [(clip, [other for other in own[clip.speaker] if other != clip][:OTHERS]) for clip in drawn]
