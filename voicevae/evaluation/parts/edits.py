"""Pitch, rate and energy edits: did what was asked for come out?"""

from collections.abc import Mapping

from voicevae.evaluation import editing
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import PERCENT, Row

CLIPS, QUICK_CLIPS = 48, 24


def steps(study: Study) -> int:
    return editing.STEPS * len(_clips(study))


def run(study: Study) -> None:
    clips = _clips(study)
    measured, failed = editing.edit_all(study.vv, clips, study.step)
    found = editing.evaluate(measured)
    study.report.skipped += failed
    study.report.add("edits", {"clips": len(clips) - len(failed), **found}, rows(found))


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)


def rows(found: Mapping[str, Mapping[float, Mapping[str, float]]]) -> list[Row]:
    """Rows of `editing.evaluate`."""
    rows = []
    for semitones, result in found["pitch"].items():
        name = f"pitch edit of {semitones:+g} semitones" if semitones else "unedited round trip"
        beside = (
            f"95 % of frames within {result['p95_cents']:.0f} cents, "
            f"{PERCENT * result['share_over_50_cents']:.1f} % over 50 cents"
        )
        rows.append(Row(f"{name}: median F0 error", result["median_cents"], "cents", at_most=15, beside=beside))
        agreement, wanted = PERCENT * result["voicing_agreement"], None if semitones else 90.0
        rows.append(Row(f"{name}: voicing agreement", agreement, "%", at_least=wanted, better="higher"))
    for rate, result in found["file"].items():
        beside = f"worst clip {result['max_percent']:.2f} %"
        if rate in found["speech"]:
            beside += f"; first to last voiced frame {found['speech'][rate]['mean_percent']:.1f} %"
        rows.append(Row(f"rate {rate:g}: duration error", result["mean_percent"], "%", at_most=2, beside=beside))
    for decibels, result in found["energy"].items():
        beside = f"worst clip {result['max_abs_db']:.2f} dB, bias {result['bias_db']:+.2f} dB"
        rows.append(Row(f"energy {decibels:+g} dB: error", result["mean_abs_db"], "dB", at_most=1, beside=beside))
    return rows
