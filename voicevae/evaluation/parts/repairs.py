"""Gaps filled in, against straight lines."""

from collections.abc import Mapping
from typing import Any

from voicevae.evaluation import repairing
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import Row, absent
from voicevae.voice import VoiceVAE

CLIPS, QUICK_CLIPS = 24, 6
RATIO = 0.6  # of a straight line's error


def steps(study: Study) -> int:
    return repairing.STEPS * len(_clips(study))


def run(study: Study) -> None:
    if not _clips(study):
        why = f"no clip of {repairing.LEAST_S:g} s" if isinstance(study.vv, VoiceVAE) else "this voice repairs nothing"
        study.report.add("repairs", None, [absent("repair: mel error to that of lines", why)])
        return
    found = repairing.evaluate_all(study.vv, _clips(study), study.step)
    study.report.add("repairs", found, rows(found))


def rows(found: Mapping[int, Mapping[str, Any]]) -> list[Row]:
    """Rows of `repairing.evaluate`."""
    rows = []
    for gap_ms, one in found.items():
        name, error, pesq = f"repair of {gap_ms} ms a second", one["mel_error"], one["pesq"]
        nats = f"{error['repaired']:.2f} against {error['frames']:.2f} nats, {one['clips']} clips"
        line = f"{error['repaired']:.2f} against {error['samples']:.2f} nats"
        rows += [
            Row(f"{name}: mel error to that of lines of mel frames", one["to_frames"], "", at_most=RATIO, beside=nats),
            Row(f"{name}: mel error to that of lines of samples", one["to_samples"], "", at_most=RATIO, beside=line),
        ]
        if pesq is None:
            rows.append(absent(f"{name}: PESQ-WB above lines", "pesq is not installed, or hears no speech"))
        else:
            best = max(pesq["frames"], pesq["samples"])
            beside = f"{pesq['repaired']:.2f}; lines of frames {pesq['frames']:.2f}, of samples {pesq['samples']:.2f}"
            rows.append(Row(f"{name}: PESQ-WB above lines", pesq["repaired"] - best, "", at_least=0, beside=beside))
    changed = sum(one["changed"] for one in found.values())
    return [*rows, Row("repair: samples changed outside the gaps", changed, "", at_most=0)]


def _clips(study: Study) -> list[Clip]:
    if not isinstance(study.vv, VoiceVAE):
        return []
    long = [clip for clip in study.clips if clip.duration_s >= repairing.LEAST_S]
    return draw_clips(long, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
