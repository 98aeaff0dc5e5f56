"""Zero-shot pairs of speakers, drawn by a seed."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import TypeVar

import numpy as np

from voicevae.evaluation.clips import PIECE_S, Clip, by_speaker
from voicevae.evaluation.metrics.similarity import Scores

REFERENCE_S = (3.5, 8.0)
LEAST_S = 2.2
ACROSS = "across corpora"
T = TypeVar("T")


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


def draw_across(clips: Sequence[Clip], n: int, seed: int) -> list[Pair]:
    """`n` pairs of any two speakers of `clips`, the corpora of sources and of targets in turn.

    One recording of the target is the reference, another stands for the target; who has but one is cut into halves.
    Recordings shorter than 2.2 s take no part where two speakers have longer ones. Empty where there are fewer than two
    speakers.
    """
    rng = random.Random(seed)
    speakers = by_speaker(clip for clip in clips if clip.duration_s >= LEAST_S)
    speakers = speakers if len(speakers) > 1 else by_speaker(clips)
    corpora = sorted({own[0].corpus for own in speakers.values()})
    if len(speakers) < 2:
        return []
    pairs = []
    for i in range(n):
        a, b = corpora[i % len(corpora)], corpora[i // len(corpora) % len(corpora)]
        source = rng.choice([name for name, own in speakers.items() if own[0].corpus == a])
        others = [name for name, own in speakers.items() if own[0].corpus == b and name != source]
        target = rng.choice(others or [name for name in speakers if name != source])
        clip, own = rng.choice(speakers[source]), speakers[target]
        reference, real = rng.sample(own, 2) if len(own) > 1 else _halves(own[0])
        pairs.append(Pair(clip, reference, reference, (real,)))
    return pairs


def by_language(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """Clips by language, the most frequent first; a corpus that names none counts as that one."""
    counts = Counter(clip.language for clip in clips if clip.language)
    most = counts.most_common(1)[0][0] if counts else ""
    groups: dict[str, list[Clip]] = {most: []}
    for clip in clips:
        groups.setdefault(clip.language or most, []).append(clip)
    return groups


def grouped(by_language: Mapping[str, Sequence[T]], corpus: Callable[[T], str]) -> dict[str, list[T]]:
    """What was measured across corpora, in groups: each language, the first without its name, then each corpus."""
    groups: dict[str, list[T]] = {}
    for language, own in by_language.items():
        if own:
            groups[f"{ACROSS}, {language}" if groups else ACROSS] = list(own)
    everything = [one for own in groups.values() for one in own]
    corpora = sorted({corpus(one) for one in everything})
    if len(corpora) > 1:
        groups |= {name: [one for one in everything if corpus(one) == name] for name in corpora}
    return groups


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


def _halves(clip: Clip) -> tuple[Clip, Clip]:
    half = clip.duration_s / 2
    first = replace(clip, id=f"{clip.id}-0", duration_s=half, text="")
    return first, replace(first, id=f"{clip.id}-1", start_s=clip.start_s + half)
