"""What a conversion costs: time, memory, parameters."""

from collections.abc import Mapping

import numpy as np

from voicevae.bundle import DEFAULT
from voicevae.evaluation import cost
from voicevae.evaluation.clips import draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import Row, absent

CLIPS = 6
MEMORY = "peak memory, 30 minutes over 10 s"


def steps(study: Study) -> int:
    return 2


def run(study: Study) -> None:
    rate = study.vv.sample_rate
    speech = np.concatenate([clip.load(rate) for clip in draw_clips(study.clips, CLIPS, 0)])
    reference = study.clips[0].load(rate)
    found = cost.evaluate(study.vv, speech, reference)
    study.report.add("speed", found, speed_rows(found))
    study.step()
    if study.plan.memory:
        _memory(study, speech, reference)
    study.step()
    _parameters(study)


def speed_rows(found: Mapping[str, float]) -> list[Row]:
    """Row of `cost.evaluate`."""
    beside = f"1 thread: {found['rtf_1_thread']:.3f}; a reference of 5 s is read each time"
    return [Row("real-time factor, 10 s, 2 threads", found["rtf_2_threads"], "", at_most=0.03, beside=beside)]


def memory_rows(found: Mapping[str, float]) -> list[Row]:
    """Row of `cost.evaluate_memory`."""
    beside = f"{found['long_mb']:.0f} MB against {found['short_mb']:.0f} MB"
    return [Row(MEMORY, found["growth_mb"], "MB", at_most=300, beside=beside)]


def _memory(study: Study, speech: np.ndarray, reference: np.ndarray) -> None:
    bundle = getattr(study.vv, "path", None)
    if bundle is None:
        study.report.add("memory", None, [absent(MEMORY, "the voice does not come from a bundle's folder")])
        return
    path = None if bundle == DEFAULT else bundle
    try:
        found = cost.evaluate_memory(speech, reference, study.vv.sample_rate, path)
    except RuntimeError as error:
        study.report.add("memory", None, [absent(MEMORY, f"`voicevae convert` failed: {error}")])
        return
    study.report.add("memory", found, memory_rows(found))


def _parameters(study: Study) -> None:
    parts = {name: getattr(study.vv, name, None) for name in ("vae", "vocoder")}
    counts = {name: sum(p.numel() for p in part.parameters()) / 1e6 for name, part in parts.items() if part}
    if counts:
        beside = ", ".join(f"{name} {count:.2f} M" for name, count in counts.items())
        row = Row("parameters", sum(counts.values()), "M", beside=beside, better="lower")
        study.report.add("parameters", counts, [row])
