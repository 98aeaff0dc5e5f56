"""Who is converted to whom: zero-shot pairs of speakers, drawn by a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from voicevae.evaluation.clips import PIECE_S, Clip, by_speaker
from voicevae.evaluation.metrics.similarity import Scores

REFERENCE_S = (3.5, 8.0)


@dataclass(frozen=True)
class Pair:
    """One conversion and what it is compared with: `reference`, `held_out` and `others` are clips of the target."""

    source: Clip
    reference: Clip
    held_out: Clip
    others: tuple[Clip, ...]

    @property
    def target(self) -> str:
        """The target speaker."""
        return self.reference.speaker


@dataclass(frozen=True, eq=False)
class Conversion:
    """What one pair gave.

    scores: None without a speaker encoder. correlation: log-F0 of source and converted, -1..1. The offsets are of mean
    log-F0, in semitones: converted from the target's other utterances, converted from the reference, and, as the scale,
    the held-out utterance from the others. content: distance from the source (`metrics.content`). wave: what was made
    `[n]`, where it was kept.
    """

    pair: Pair
    scores: Scores | None
    correlation: float
    offset: float
    offset_reference: float
    offset_held_out: float
    content: float
    wave: np.ndarray | None = None


def draw_pairs(clips: Sequence[Clip], n: int, seed: int) -> list[Pair]:
    """`n` pairs between the speakers of one corpus.

    All ordered pairs of speakers take part in turn, in an order drawn by `seed`; a source is used again for the same
    target only after all others of its speaker. The one reference is drawn among the target's clips of 3.5 to 8 s, or
    is the clip nearest to 5 s where there is none. Empty where there are fewer than two speakers.
    """
    rng = np.random.default_rng(seed)
    own = by_speaker(clips)
    routes = [(a, b) for a in own for b in own if a != b]
    if not routes:
        return []
    sources = {(a, b): cycle([own[a][i] for i in rng.permutation(len(own[a]))]) for a, b in routes}
    order = [routes[i] for i in rng.permutation(len(routes))]
    return [_pair(next(sources[a, b]), own[b], rng) for a, b in islice(cycle(order), n)]


def by_target(conversions: Sequence[Conversion]) -> list[list[Conversion]]:
    """Conversions grouped by target speaker."""
    names = sorted({c.pair.target for c in conversions})
    return [[c for c in conversions if c.pair.target == name] for name in names]


def _pair(source: Clip, target: list[Clip], rng: np.random.Generator) -> Pair:
    reference = _reference(target, rng)
    rest = [clip for clip in target if clip is not reference]
    held_out = rest.pop(rng.integers(len(rest)))
    return Pair(source, reference, held_out, tuple(rest))


def _reference(target: list[Clip], rng: np.random.Generator) -> Clip:
    fitting = [clip for clip in target if REFERENCE_S[0] <= clip.duration_s <= REFERENCE_S[1]]
    if fitting:
        return fitting[rng.integers(len(fitting))]
    return min(target, key=lambda clip: abs(clip.duration_s - PIECE_S))
