"""Edits of one word, and the intonation as lively as asked for."""

from collections.abc import Mapping

from voicevae.evaluation import spans
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import Row, absent

CLIPS, QUICK_CLIPS = 40, 8
FIGURE = f"a span {spans.SEMITONES:+g} semitones: median F0 error in it"
HOP_MS = 12.5


def steps(study: Study) -> int:
    return len(_clips(study))


def run(study: Study) -> None:
    measured, failed = spans.mark_all(study.vv, _clips(study), study.step)
    study.report.skipped += failed
    if not measured:
        study.report.add("spans", None, [absent(FIGURE, "no clip could be edited")])
        return
    found = spans.evaluate(measured)
    study.report.add("spans", found, rows(found))


def rows(found: Mapping[str, float]) -> list[Row]:
    """Rows of `spans.evaluate`."""
    f0 = f"95 % within {found['inside_p95_cents']:.0f} cents; elsewhere {found['outside_cents']:.1f} cents"
    level, clips = (
        f"elsewhere {found['outside_db']:.2f} dB",
        f"worst of {found['clips']:.0f} clips; a hop is {HOP_MS} ms",
    )
    return [
        Row(FIGURE, found["inside_cents"], "cents", at_most=15, beside=f0),
        Row(f"a span {spans.DECIBELS:+g} dB: median error in it", found["inside_db"], "dB", at_most=1, beside=level),
        Row(f"a span at rate {spans.RATE:g}: error of duration", found["late_ms"], "ms", at_most=HOP_MS, beside=clips),
        Row(f"pitch range x {spans.RANGE:g}: error of the std of log-F0", found["std_percent"], "%", at_most=5),
    ]


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
