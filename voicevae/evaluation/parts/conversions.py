"""Zero-shot conversions: is it the target's voice, at the target's pitch, with the source's intonation?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from voicevae.evaluation import conversion, plots
from voicevae.evaluation.conversion import Conversion
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import PERCENT, Row, absent, percent

ALL = "all corpora"
STRIPS, QUICK_STRIPS = 10, 3  # pairs that are drawn
KEPT = 60  # waves of the headline's first conversions, for what listens to them


def steps(study: Study) -> int:
    return sum(map(len, study.pairs.values()))


def run(study: Study) -> None:
    for name, pairs in study.pairs.items():
        made, failed = conversion.convert_all(study.vv, pairs, study.originals, study.step, KEPT)
        study.report.skipped += failed
        if made:
            study.done[name] = made
    if not study.done:
        study.report.add("conversion", None, [absent("conversion", "no two speakers with three recordings each")])
        return
    headline = next(iter(study.done))
    groups = dict(study.done)
    if len(groups) > 1:
        groups[ALL] = [c for own in study.done.values() for c in own]
    results = {name: conversion.evaluate(own, study.plan.seed) for name, own in groups.items()}
    study.report.add(
        "conversion", results, [r for name in results for r in rows(name, results[name], name == headline)]
    )
    if study.out_dir is not None:
        _draw(study, headline)


def rows(corpus: str, found: Mapping[str, Any], headline: bool) -> list[Row]:
    """Rows of `conversion.evaluate` of one corpus; targets stand in those of the headline corpus."""
    beside = f"{found['correlation_undefined']} pairs undefined" if found["correlation_undefined"] else ""
    register = (
        f"{PERCENT * found['within_2_semitones_of_reference']:.0f} % of the reference itself; "
        f"a real utterance of the target: {PERCENT * found['within_2_semitones_held_out']:.0f} %"
    )
    return [
        *_similarity(corpus, found["similarity"], headline),
        Row(
            f"{corpus}: log-F0 correlation with the source",
            found["correlation"],
            "",
            found["correlation_interval"],
            at_least=0.95 if headline else None,
            beside=beside,
            better="higher",
        ),
        Row(
            f"{corpus}: mean log-F0 within 2 semitones of the target's",
            PERCENT * found["within_2_semitones"],
            "%",
            percent(found["within_2_semitones_interval"]),
            at_least=90 if headline else None,
            beside=register,
            better="higher",
        ),
    ]


def _similarity(corpus: str, found: Mapping[str, Any] | None, headline: bool) -> list[Row]:
    if found is None:
        why = f"resemblyzer is not installed; {EXTRA}"
        return [absent(f"{corpus}: {name}", why) for name in ("closure", "SECS", "EER")]
    bounds = f"floor {found['floor']:.3f}, ceiling {found['ceiling']:.3f}"
    count = f"{found['pairs']} pairs, {found['speakers']} targets"
    near, told = (0.60, 25.0) if headline else (None, None)
    return [
        Row(f"{corpus}: closure", found["closure"], "", found["closure_interval"], near, beside=count, better="higher"),
        Row(f"{corpus}: SECS", found["secs"], "", found["secs_interval"], beside=bounds, better="higher"),
        Row(f"{corpus}: EER, 50 % is perfect", found["eer"], "%", found["eer_interval"], told, better="higher"),
    ]


def _draw(study: Study, headline: str) -> None:
    """A histogram, and strips of pairs from the lowest SECS to the highest, at equal steps of rank."""
    assert study.out_dir is not None
    done = study.done[headline]
    scores = [c.scores for c in done if c.scores is not None]
    if scores:
        plots.histogram(scores, f"Conversion of {headline}", study.out_dir / "similarity.png")
        study.report.figures.append("similarity.png")
        done = sorted(done, key=lambda c: c.scores.secs if c.scores else 0.0)
    ranks = np.linspace(0, len(done) - 1, study.plan.of(STRIPS, QUICK_STRIPS)).round().astype(int)
    strips = [_strip(study, done[i]) for i in sorted(set(ranks.tolist()))]
    plots.strips(strips, study.vv.config, study.out_dir / "strips.png")
    plots.contours(strips, study.vv.config, study.out_dir / "contours.png")
    study.report.figures += ["strips.png", "contours.png"]


def _strip(study: Study, done: Conversion) -> dict[str, np.ndarray]:
    pair, rate = done.pair, study.vv.sample_rate
    scores = f", SECS {done.scores.secs:.2f}, floor {done.scores.floor:.2f}" if done.scores else ""
    return {
        f"source {pair.source.id}": pair.source.load(rate),
        f"converted{scores}": done.wave if done.wave is not None else conversion.convert_pair(study.vv, pair),
        f"target {pair.reference.id}": pair.reference.load(rate),
    }
