"""Measure how much of a voice must be heard: conversions by the seconds of recordings of the target.

    python -m voicevae.recipes.references --corpus recordings/ --recogniser base --seconds 3 10 30 60

The same pairs of speakers at each length; the target's recordings are taken in the same order, and the last is cut.
Another recording, never heard, stands for the target. Speakers that have too few seconds take no part.
"""

import argparse
import random
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

import voicevae
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import study
from voicevae.evaluation.clips import Clip, by_speaker
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import LEAST_S, Pair
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import curve
from voicevae.recipes import command
from voicevae.voice import VoiceVAE

SILENCE_DB = 30.0  # below the loudest frame
SECONDS = (3.0, 10.0, 30.0, 60.0)


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    command.add_measured(parser)
    parser.add_argument(
        "--seconds", type=float, nargs="+", default=list(SECONDS), help="of the target (default 3 10 30 60)"
    )
    parser.add_argument("--pairs", type=int, default=study.ACROSS, help=f"conversions (default {study.ACROSS})")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the pairs")
    args = parser.parse_args(argv)
    command.run(lambda: _measure(args))


def draw(clips: Sequence[Clip], n: int, longest_s: float, seed: int) -> list[tuple[Pair, list[Clip]]]:
    """`n` pairs of two speakers, and the recordings that show the target: `longest_s` or more, none of which stands for
    it. Raises VoiceVAEError where no speaker has so many."""
    rng, own = random.Random(seed), by_speaker(clip for clip in clips if clip.duration_s >= LEAST_S)
    enough = [name for name, recordings in own.items() if spare(recordings) >= longest_s]
    if not enough or len(own) < 2:
        raise VoiceVAEError(f"No speaker has {longest_s:g} s of recordings beside one more; give fewer --seconds.")
    drawn = []
    for i in range(n):
        target = enough[i % len(enough)]
        source = rng.choice(own[rng.choice([name for name in own if name != target])])
        real, *shown = rng.sample(own[target], len(own[target]))
        while sum(clip.duration_s for clip in shown) < longest_s:  # the one set apart is long: set another apart
            real, *shown = rng.sample(own[target], len(own[target]))
        drawn.append((Pair(source, shown[0], shown[0], (real,)), shown))
    return drawn


def cut(clips: Sequence[Clip], seconds: float, sample_rate: int) -> list[np.ndarray]:
    """Waves `[n]` of `seconds` in all, without silence at their ends. What is left for the last is joined to the one
    before where it is short."""
    import librosa

    left = round(seconds * sample_rate)
    waves: list[np.ndarray] = []
    for clip in clips:
        wave = librosa.effects.trim(clip.load(sample_rate), top_db=SILENCE_DB)[0][:left]
        left -= len(wave)
        if waves and len(wave) < LEAST_S * sample_rate:
            wave = np.concatenate([waves.pop(), wave])
        waves.append(wave)
        if left <= 0:
            break
    return waves


def convert(
    vv: VoiceVAE, bench: curve.Bench, pair: Pair, shown: list[Clip], seconds: Sequence[float]
) -> dict[float, curve.Outcome]:
    """Outcomes by seconds of the target."""
    rate, source = vv.sample_rate, bench.source(pair)
    code = vv.encode(source.wave, rate)
    voices = {length: vv.speaker(cut(shown, length, rate), rate) for length in seconds}
    return {length: bench.outcome(pair, source, vv.decode(code.edit(voice))) for length, voice in voices.items()}


def spare(recordings: list[Clip]) -> float:
    """Seconds beside the longest recording."""
    durations = [clip.duration_s for clip in recordings]
    return sum(durations) - max(durations)


def _measure(args: argparse.Namespace) -> None:
    plan = Plan(args.corpus, args.split, pairs=args.pairs, seed=args.seed, recogniser=args.recogniser)
    seconds = sorted(set(args.seconds))
    if seconds[0] <= 0:
        raise VoiceVAEError(f"--seconds {seconds[0]:g}; give lengths above 0.")
    transcriber, vv = curve.transcriber(plan), voicevae.load(args.bundle)
    drawn = draw(curve.clips(plan), plan.pairs, seconds[-1], plan.seed)
    bench = curve.Bench(vv, transcriber, Originals(vv, study.speaker_encoder()))
    bar = tqdm(drawn, desc="references", unit="pair")
    done = [convert(vv, bench, pair, shown, seconds) for pair, shown in bar]
    points = {f"{length:g} s": curve.evaluate([one[length] for one in done], plan.seed) for length in seconds}
    print(curve.table(points, "target heard for"))


if __name__ == "__main__":
    main()
