"""Styles, pushed."""

from collections.abc import Mapping
from typing import Any

from voicevae.evaluation import manner
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.training.calibration_style import NEUTRAL
from voicevae.voice import VoiceVAE

KNOWN, QUICK_KNOWN = 1000, 70
REAL, QUICK_REAL = 1000, 35
SOURCES, QUICK_SOURCES = 20, 2
DIRECTION = "styles pushed: direction as in recordings of the style"
PROBE = "styles pushed: heard for what they are by a probe"


def steps(study: Study) -> int:
    return sum(map(len, _clips(study)))


def run(study: Study) -> None:
    known, real, sources = _clips(study)
    styles = _pushed(study)
    try:
        if not sources or not styles:
            raise ValueError("the bundle knows no style that the split has, or no recording is neutral")
        heard = manner.hear(study.vv, known, real, sources, styles, study.step)
        found = manner.evaluate(heard, styles)
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add("styles pushed", None, [absent(figure, why) for figure in (DIRECTION, PROBE)])
        return
    study.report.add("styles pushed", found, rows(found))


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `manner.evaluate`."""
    wrong = [
        f"{style} {measure} {pushed:+.2f} for {real:+.2f}"
        for style, own in found["directions"].items()
        for measure, (real, pushed, clear) in own.items()
        if clear and real * pushed <= 0
    ]
    beside = f"{found['clear']} clear differences; not so: {', '.join(wrong) or 'none'}"
    chance = PERCENT / found["styles"]
    size = f"{found['sources']} neutral recordings pushed; taught by {found['known']} recordings of others"
    return [
        Row(DIRECTION, PERCENT * found["as_recorded"], "%", None, 100.0, None, beside),
        Row(
            PROBE,
            PERCENT * found["accuracy"],
            "%",
            None,
            2 * chance,
            None,
            f"recordings {PERCENT * found['accuracy_real']:.0f} %, chance {chance:.0f} %; {size}",
        ),
    ]


def _pushed(study: Study) -> list[str]:
    own = {clip.style for clip in study.clips}
    known = study.vv.styles if isinstance(study.vv, VoiceVAE) else []
    return [name for name in known if name in own and name != NEUTRAL]


def _clips(study: Study) -> tuple[list[Clip], list[Clip], list[Clip]]:
    """Recordings that teach the probe, recordings of the split, and neutral ones to push."""
    styles, plan = {*_pushed(study), NEUTRAL}, study.plan
    known, real = ([clip for clip in clips if clip.style in styles] for clips in (study.known, study.clips))
    sources = [clip for clip in real if clip.style == NEUTRAL]
    return (
        draw_clips(known, plan.of(KNOWN, QUICK_KNOWN), plan.seed),
        draw_clips(real, plan.of(REAL, QUICK_REAL), plan.seed),
        draw_clips(sources, plan.of(SOURCES, QUICK_SOURCES), plan.seed),
    )
