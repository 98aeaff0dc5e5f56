"""Convert pairs, and measure each: similarity to the target, its register, the source's intonation and content."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation import pitch, similarity
from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.cepstra import judged
from voicevae.evaluation.originals import Originals, finite
from voicevae.evaluation.pairs import Pair
from voicevae.voice import VoiceVAE

WITHIN_SEMITONES = 2.0


@dataclass(frozen=True, eq=False)
class Conversion:
    """What one pair gave.

    scores: None without a judge. correlation: log-F0 of source and converted, -1..1. The offsets are of mean log-F0, in
    semitones: converted from the target's other utterances, converted from the reference, and, as the scale, the
    held-out utterance from the others. content: distance from the source (`voicevae.evaluation.content`). wave: what
    was made `[n]`, where it was kept.
    """

    pair: Pair
    scores: similarity.Scores | None
    correlation: float
    offset: float
    offset_reference: float
    offset_held_out: float
    content: float
    wave: np.ndarray | None = None


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
    frames = judged(made, vv.sample_rate)
    track = pitch.track(frames)
    own, others = pitch.mean_log_f0([track]), originals.mean_log_f0(*pair.others)
    return Conversion(
        pair,
        originals.scores(pair, made),
        _correlation(pitch.track(originals.frames(pair.source)), track),
        pitch.SEMITONES * (own - others),
        pitch.SEMITONES * (own - originals.mean_log_f0(pair.reference)),
        pitch.SEMITONES * (originals.mean_log_f0(pair.held_out) - others),
        originals.content_distance(pair.source, frames),
        made if keep else None,
    )


def evaluate(conversions: Sequence[Conversion], seed: int = 0) -> dict[str, Any]:
    """All about the conversions of one or several corpora.

    Returns:
        similarity (see `similarity.evaluate`) or None; correlation, -1..1, the mean over target speakers, its interval,
        and how many were undefined; within_2_semitones, 0..1, of the target's other utterances, its interval, the same
        of the reference, and of the held-out utterance.
    """
    groups = by_target(conversions)
    scores = [c.scores for c in conversions if c.scores is not None]
    correlations = finite([[c.correlation for c in own] for own in groups])
    near = _near(groups, "offset")
    return {
        "similarity": similarity.evaluate(scores, seed) if scores else None,
        "correlation": mean_of_means(correlations) if correlations else float("nan"),
        "correlation_interval": interval(correlations, mean_of_means, seed) if correlations else None,
        "correlation_undefined": int(np.isnan([c.correlation for c in conversions]).sum()),
        "within_2_semitones": mean_of_means(near),
        "within_2_semitones_interval": interval(near, mean_of_means, seed),
        "within_2_semitones_of_reference": mean_of_means(_near(groups, "offset_reference")),
        "within_2_semitones_held_out": mean_of_means(_near(groups, "offset_held_out")),
    }


def by_target(conversions: Sequence[Conversion]) -> list[list[Conversion]]:
    """Conversions grouped by target speaker."""
    names = sorted({c.pair.target for c in conversions})
    return [[c for c in conversions if c.pair.target == name] for name in names]


def _correlation(source: pitch.Track, made: pitch.Track) -> float:
    """Of tracks of the same words, or NaN where lengths differ and frames do not belong to one another."""
    return pitch.correlation(source, made) if len(source.log_f0) == len(made.log_f0) else float("nan")


def _near(groups: Sequence[Sequence[Conversion]], offset: str) -> list[np.ndarray]:
    return [np.abs([getattr(c, offset) for c in own]) <= WITHIN_SEMITONES for own in groups]
