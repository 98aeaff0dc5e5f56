"""Content without a recogniser, on the scale of the corpus, and the distortion between parallel sentences."""

from typing import Any

import numpy as np

from voicevae.evaluation import content, parallel
from voicevae.evaluation.cepstra import judged
from voicevae.evaluation.clips import Clip, by_corpus
from voicevae.evaluation.conversion import Conversion, by_target
from voicevae.evaluation.originals import finite
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import Row, absent

PARALLEL = 40
NO_PARALLEL = "no two speakers read the same sentence, as far as the corpus says"


def steps(study: Study) -> int:
    return len(study.pairs)


def run(study: Study) -> None:
    scales = {}
    for name, clips in by_corpus(study.clips).items():
        name = name or study.headline
        if name in study.pairs:
            scales[name] = content.scale(clips, study.originals.content_distance, study.plan.seed)
            study.step()
    ratio = _ratio(list(scales.values()))
    found = {"scales": scales, "same_over_different": ratio}
    headline = next(iter(study.done), "")
    added = [row for name in study.done for row in _place(study, name, scales[name], ratio, name == headline, found)]
    study.report.add("content", found, added)
    _parallel(study)


def _ratio(scales: list[dict[str, Any]]) -> float | None:
    """Distance of one sentence over that of two, where a corpus shows both; the mean of such corpora."""
    ratios = [s["same"] / s["different"] for s in scales if s["same"] is not None and s["different"]]
    return float(np.mean(ratios)) if ratios else None


def _place(
    study: Study, name: str, scale: dict[str, Any], ratio: float | None, headline: bool, found: dict[str, Any]
) -> list[Row]:
    """Rows of one corpus; where nobody reads another's sentence, 0 is where it is in the corpora that have such."""
    groups = finite([[c.content for c in own] for own in by_target(study.done[name])])
    figure = f"{name}: content distance, 0 same sentence, 1 another"
    if ratio is None or scale["different"] is None or not groups:
        return [absent(figure, NO_PARALLEL)]
    borrowed = scale["same"] is None
    same = ratio * scale["different"] if borrowed else scale["same"]
    found[name] = placed = content.evaluate(groups, same, scale["different"], study.plan.seed)
    beside = (
        f"source to converted {placed['distance']:.2f}, two readings {same:.2f}"
        f"{' (by the ratio in other corpora)' if borrowed else ''}, two sentences {scale['different']:.2f}"
    )
    if scale["auc"] is not None:
        beside += f"; the distance tells these apart in {100 * scale['auc']:.0f} %"
    wanted = 0.5 if headline else None
    row = Row(figure, placed["position"], "", placed["position_interval"], None, wanted, beside, "lower")
    return [row]


def _parallel(study: Study) -> None:
    """Converted files against the target's own readings of their sentences."""
    readings = _readings(study.clips)
    pairs = [
        (done, other)
        for own in study.done.values()
        for done in own
        if done.wave is not None
        for other in readings.get((done.pair.target, done.pair.source.text.casefold()), [])[:1]
        if done.pair.source.text
    ][:PARALLEL]
    figure = "MCD to the target's own reading"
    if not pairs:
        study.report.add("mcd", None, [absent(figure, NO_PARALLEL)])
        return
    made = parallel.evaluate(_distortions(study, pairs, converted=True), study.plan.seed)
    before = parallel.evaluate(_distortions(study, pairs, converted=False), study.plan.seed)
    beside = f"the source itself {before['mean_db']:.2f} dB; {len(pairs)} pairs"
    row = Row(figure, made["mean_db"], "dB", made["mean_db_interval"], beside=beside, better="lower")
    study.report.add("mcd", {"converted": made, "source": before, "pairs": len(pairs)}, [row])


def _distortions(study: Study, pairs: list[tuple[Conversion, Clip]], converted: bool) -> list[np.ndarray]:
    """MCD in dB of each pair, by target speaker."""
    found: dict[str, list[float]] = {}
    for done, reading in pairs:
        source = study.originals.frames(done.pair.source)
        frames = judged(done.wave, study.vv.sample_rate) if converted and done.wave is not None else source
        distortion = parallel.distortion_db(frames, study.originals.frames(reading))
        found.setdefault(done.pair.target, []).append(distortion)
    return [np.array(values) for values in found.values()]


def _readings(clips: list[Clip]) -> dict[tuple[str, str], list[Clip]]:
    found: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        found.setdefault((clip.speaker, clip.text.casefold()), []).append(clip)
    return found
