"""Measure what `adapt` brings: conversions to a voice by minutes of its recordings.

    python -m voicevae.recipes.adaptations --corpus recordings/ --recogniser base --minutes 1 5 20

For each length three voices of a speaker, and the same sources in each: zero-shot, of one recording; pooled, of all as
they are; adapted, by `voicevae adapt`. Recordings that no voice was made of stand for the target. Speakers that have
too few minutes take no part; with --split train they are speakers that the bundle was trained on.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

import voicevae
from voicevae.code import AdaptedSpeaker, Speaker
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import study
from voicevae.evaluation.clips import Clip, by_speaker
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import LEAST_S, Pair
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import curve
from voicevae.recipes import command
from voicevae.recipes.references import cut, spare
from voicevae.voice import VoiceVAE

MINUTES = (1.0, 5.0, 20.0)
MOST_TARGETS = 8
MOST_HELD_OUT = 6


@dataclass(frozen=True)
class Target:
    """A speaker to convert to: the recordings that a voice is made of, and pairs with sources of other speakers, which
    hold the recordings that stand for the target."""

    shown: list[Clip]
    pairs: list[Pair]


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    command.add_measured(parser)
    parser.add_argument(
        "--minutes", type=command.minutes, nargs="+", default=list(MINUTES), help="of the target (default 1 5 20)"
    )
    parser.add_argument("--targets", type=int, default=MOST_TARGETS, help=f"speakers at most (default {MOST_TARGETS})")
    parser.add_argument("--sources", type=int, default=4, help="conversions to each (default 4)")
    parser.add_argument("--seed", type=int, default=0, help="random seed of speakers, sources and recordings")
    args = parser.parse_args(argv)
    command.run(lambda: _measure(args))


def draw(clips: Sequence[Clip], n_targets: int, n_sources: int, seconds: float, seed: int) -> list[Target]:
    """At most `n_targets` speakers who have `seconds` of recordings and more, each with `n_sources` of others."""
    rng, own = random.Random(seed), by_speaker(clip for clip in clips if clip.duration_s >= LEAST_S)
    enough = [name for name, recordings in own.items() if spare(recordings) >= seconds]
    drawn = []
    for name in rng.sample(enough, min(n_targets, len(enough))):
        held_out, shown = rng.sample(own[name], len(own[name])), list[Clip]()
        while sum(clip.duration_s for clip in shown) < seconds:
            shown.append(held_out.pop())
        others = [other for other in own if other != name]
        sources = [rng.choice(own[rng.choice(others)]) for _ in range(n_sources)]
        real = tuple(held_out[:MOST_HELD_OUT])
        drawn.append(Target(shown, [Pair(source, shown[0], shown[0], real) for source in sources]))
    return drawn


def voices(vv: VoiceVAE, target: Target, seconds: float, seed: int) -> dict[str, Speaker]:
    """The three voices of a speaker, by name."""
    rate, waves = vv.sample_rate, cut(target.shown, seconds, vv.sample_rate)
    return {
        "zero-shot": vv.speaker(target.shown[0].load(rate), rate),
        "pooled": vv.speaker(waves, rate),
        "adapted": vv.adapt(waves, rate, seed=seed).speaker,
    }


def _measure(args: argparse.Namespace) -> None:
    plan = Plan(args.corpus, args.split, seed=args.seed, recogniser=args.recogniser)
    transcriber, vv = curve.transcriber(plan), voicevae.load(args.bundle)
    clips = curve.clips(plan)
    drawn = {minutes: draw(clips, args.targets, args.sources, 60 * minutes, args.seed) for minutes in args.minutes}
    if not any(drawn.values()):
        raise VoiceVAEError(f"No speaker has {min(drawn):g} minutes of recordings; give fewer --minutes.")
    bench = curve.Bench(vv, transcriber, Originals(vv, study.speaker_encoder()))
    points, notes = dict[str, dict[str, Any]](), list[str]()
    with tqdm(total=sum(map(len, drawn.values())), desc="adaptations", unit="speaker") as bar:
        for minutes, targets in drawn.items():
            outcomes, kept = dict[str, list[curve.Outcome]](), 0
            for target in targets:
                made = voices(vv, target, 60 * minutes, args.seed)
                kept += isinstance(made["adapted"], AdaptedSpeaker)
                for pair in target.pairs:
                    for name, outcome in _convert(bench, pair, made).items():
                        outcomes.setdefault(name, []).append(outcome)
                bar.update()
            points |= {f"{minutes:g} min, {name}": curve.evaluate(own, args.seed) for name, own in outcomes.items()}
            notes.append(f"{minutes:g} min: {len(targets)} speakers; for {kept} an adaptation was kept.")
    print(curve.table(points, "recordings"), *notes, sep="\n")


def _convert(bench: curve.Bench, pair: Pair, voices: dict[str, Speaker]) -> dict[str, curve.Outcome]:
    """What a pair's source gives in each of the voices, by their names."""
    source = bench.source(pair)
    code = bench.vv.encode(source.wave, bench.vv.sample_rate)
    return {name: bench.outcome(pair, source, bench.vv.decode(code.edit(voice))) for name, voice in voices.items()}


if __name__ == "__main__":
    main()
