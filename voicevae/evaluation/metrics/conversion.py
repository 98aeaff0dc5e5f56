"""Convert pairs, and measure each: similarity to the target, its register, the source's intonation and content."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation import plots
from voicevae.evaluation.bootstrap import finite, interval, mean_of_means
from voicevae.evaluation.document import PERCENT, Row, absent, percent
from voicevae.evaluation.metrics import content, pitch, similarity
from voicevae.evaluation.originals import Originals, fixed_frames
from voicevae.evaluation.pairs import Conversion, Pair, by_target
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import Target, target
from voicevae.units import SEMITONES_PER_NAT
from voicevae.voice import VoiceVAE

WITHIN_SEMITONES = 2.0
ALL = "all corpora"
STRIPS, QUICK_STRIPS = 10, 3  # pairs that are drawn
KEPT = 60  # waves of the headline's first conversions, for the metrics of quality


def convert_pair(vv: VoiceVAE, pair: Pair, seed: int = 0) -> np.ndarray:
    """The source's clip in the voice of the reference, `[n]`."""
    rate = vv.sample_rate
    return vv.convert(pair.source.load(rate), rate, voice=pair.reference.load(rate), seed=seed)


def convert_all(
    vv: VoiceVAE, pairs: Sequence[Pair], originals: Originals, step: Callable[[], object], keep: int = 0
) -> tuple[list[Conversion], list[str]]:
    """Conversions, and one sentence for every pair that could not be converted.

    Args:
        step: is called after each.
        keep: of how many, the first, the waves are kept.
    """
    done: list[Conversion] = []
    failed = []
    for pair in pairs:
        try:
            done.append(measure(vv, pair, convert_pair(vv, pair), originals, len(done) < keep))
        except AudioError as error:
            failed.append(f"{pair.source.id} to {pair.reference.id}: {error}")
        step()
    return done, failed


def measure(vv: VoiceVAE, pair: Pair, made: np.ndarray, originals: Originals, keep: bool = False) -> Conversion:
    """All about `made` `[n]`, which is meant to be the source of `pair` in its target's voice."""
    frames = fixed_frames(made, vv.sample_rate)
    track = pitch.track(frames)
    own, others = pitch.mean_log_f0([track]), originals.mean_log_f0(*pair.others)
    return Conversion(
        pair,
        originals.scores(pair, made),
        _correlation(pitch.track(originals.frames(pair.source)), track),
        SEMITONES_PER_NAT * (own - others),
        SEMITONES_PER_NAT * (own - originals.mean_log_f0(pair.reference)),
        SEMITONES_PER_NAT * (originals.mean_log_f0(pair.held_out) - others),
        content.between(originals, pair.source, frames),
        made if keep else None,
    )


def evaluate(conversions: Sequence[Conversion], seed: int = 0) -> dict[str, Any]:
    """All about the conversions of one or several corpora.

    Returns:
        conversions, how many; similarity (see `similarity.evaluate`) or None; correlation, -1..1, the mean over target
        speakers, its interval, and how many were undefined; within_2_semitones, 0..1, of the target's other utterances,
        its interval, the same of the reference, and of the held-out utterance.
    """
    groups = by_target(conversions)
    scores = [c.scores for c in conversions if c.scores is not None]
    correlations = finite([[c.correlation for c in own] for own in groups])
    near = _near(groups, "offset")
    return {
        "conversions": len(conversions),
        "similarity": similarity.evaluate(scores, seed) if scores else None,
        "correlation": mean_of_means(correlations) if correlations else float("nan"),
        "correlation_interval": interval(correlations, mean_of_means, seed) if correlations else None,
        "correlation_undefined": int(np.isnan([c.correlation for c in conversions]).sum()),
        "within_2_semitones": mean_of_means(near),
        "within_2_semitones_interval": interval(near, mean_of_means, seed),
        "within_2_semitones_of_reference": mean_of_means(_near(groups, "offset_reference")),
        "within_2_semitones_held_out": mean_of_means(_near(groups, "offset_held_out")),
    }


def _correlation(source: pitch.Track, made: pitch.Track) -> float:
    """Of tracks of the same words, or NaN where lengths differ and frames do not belong to one another."""
    return pitch.correlation(source, made) if len(source.log_f0) == len(made.log_f0) else float("nan")


def _near(groups: Sequence[Sequence[Conversion]], offset: str) -> list[np.ndarray]:
    return [np.abs([getattr(c, offset) for c in own]) <= WITHIN_SEMITONES for own in groups]


def steps(study: Study) -> int:
    """Conversions."""
    return sum(map(len, study.pairs.values()))


def run(study: Study) -> None:
    """Convert all pairs, keep the outcomes in `study.done`, and add rows of similarity and F0 for each corpus."""
    for name, pairs in study.pairs.items():
        made, failed = convert_all(study.vv, pairs, study.originals, study.step, KEPT)
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
    results = {name: evaluate(own, study.plan.seed) for name, own in groups.items()}
    study.report.add(
        "conversion", results, [r for name in results for r in rows(name, results[name], name == headline)]
    )
    if study.out_dir is not None:
        _draw(study, headline)


def rows(corpus: str, found: Mapping[str, Any], headline: bool) -> list[Row]:
    """Rows of `evaluate` of one corpus; targets stand in those of the headline corpus."""
    on = f"{corpus}, {found['conversions']} pairs; swift-f0"
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
            **(target("log-F0 correlation") if headline else Target()),
            beside=beside,
            better="higher",
            on=on,
        ),
        Row(
            f"{corpus}: mean log-F0 within 2 semitones of the target's",
            PERCENT * found["within_2_semitones"],
            "%",
            percent(found["within_2_semitones_interval"]),
            **(target("register within 2 semitones") if headline else Target()),
            beside=register,
            better="higher",
            on=on,
        ),
    ]


def _similarity(corpus: str, found: Mapping[str, Any] | None, headline: bool) -> list[Row]:
    if found is None:
        why = f"resemblyzer is not installed; {EXTRA}"
        return [absent(f"{corpus}: {name}", why) for name in ("closure", "SECS", "EER")]
    bounds = f"floor {found['floor']:.3f}, ceiling {found['ceiling']:.3f}"
    targets = f"{found['speakers']} targets"
    near, told = (target("closure"), target("EER")) if headline else (Target(), Target())
    rows = [
        Row(
            f"{corpus}: closure",
            found["closure"],
            "",
            found["closure_interval"],
            **near,
            beside=targets,
            better="higher",
        ),
        Row(f"{corpus}: SECS", found["secs"], "", found["secs_interval"], beside=bounds, better="higher"),
        Row(f"{corpus}: EER, 50 % is perfect", found["eer"], "%", found["eer_interval"], **told, better="higher"),
    ]
    return [replace(row, on=f"{corpus}, {found['pairs']} pairs; Resemblyzer") for row in rows]


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
        f"converted{scores}": done.wave if done.wave is not None else convert_pair(study.vv, pair),
        f"target {pair.reference.id}": pair.reference.load(rate),
    }
