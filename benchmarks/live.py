"""Live speech beside the whole recording: latency, cost, conversions, pitch edits; and many minutes in real time.

    python -m benchmarks.live --corpus recordings/ --recogniser base
    python -m benchmarks.live --corpus recordings/ --costs
    python -m benchmarks.live --corpus recordings/ --minutes 30
    python -m benchmarks.live --corpus recordings/ --minutes 30 --edits

The first converts pairs of the split live and as a whole, with the same weights; the second measures time alone, on an
idle machine. The others play its recordings, one after another, through a simulated sound card in real time, in another
voice or with an edit.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import voicevae
from benchmarks import convergence
from benchmarks.command import add_corpus, printed
from benchmarks.memory import resident_mb
from voicevae import threads
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import study
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics import whisper
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import Pair, draw_across
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import curve
from voicevae.evaluation.report.curve import Bench, evaluate, table
from voicevae.features import extract
from voicevae.features.contours import is_speech, loud_frames_db
from voicevae.live.cards import FileCard
from voicevae.live.session import Session
from voicevae.live.stream import Live
from voicevae.live.trackers import LATENCIES

PROGRAM = "python -m benchmarks.live"
BLOCK_S = 0.02
SIZES = (1, 160, 320, 4800)
SEMITONES = (4.0, -4.0)
WARM_FRAMES = 40  # half a second, in which statistics begin
WIDE_CENTS = 50
SPEAKERS = 6  # whose statistics are watched
KINDS = {"whole": "the whole", "live": "live", "enrolled": "live, enrolled"}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__)
    add_corpus(parser)
    parser.add_argument("--pairs", type=whole(1, 1000), default=16, metavar="N", help="conversions (default 16)")
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default $VOICEVAE_WHISPER)")
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw how soon the running statistics settle")
    parser.add_argument("--costs", action="store_true", help="measure latency and time alone, for an idle machine")
    parser.add_argument("--minutes", type=whole(1, 1000), metavar="N", help="play so long in real time, and no more")
    parser.add_argument("--edits", action="store_true", help="with --minutes: raise the pitch, and keep the voice")
    args = parser.parse_args(argv)
    threads.use(1)
    return printed(lambda: (_paced if args.minutes else _costs if args.costs else _beside)(args))


def _costs(args: argparse.Namespace) -> str:
    plan = Plan(args.corpus, args.split, pairs=1, seed=0)
    return costs(voicevae.load(), curve.pairs(plan)[0])


def _beside(args: argparse.Namespace) -> str:
    plan = Plan(args.corpus, args.split, pairs=args.pairs, seed=0, recogniser=args.recogniser)
    reader = study.load_recogniser(plan)
    if isinstance(reader, str):
        raise VoiceVAEError(f"Words cannot be counted, as {reader}. {whisper.HOW}")
    vv, clips = voicevae.load(), curve.clips(plan)
    pairs = draw_across(clips, plan.pairs, plan.seed)
    bench = Bench(vv, Transcriber(reader), Originals(vv, study.speaker_encoder()))
    said = [costs(vv, pairs[0]), pitch(vv, [pair.source for pair in pairs[:4]]), identity(vv, pairs[0])]
    settled = convergence.measure(vv, convergence.chosen(clips, SPEAKERS))
    if args.png is not None:
        convergence.plot(settled, args.png)
    said.append(convergence.table(settled))
    return "\n\n".join([*said, table(conversions(bench, pairs, clips), "conversion")])


def conversions(bench: Bench, pairs: Sequence[Pair], clips: Sequence[Clip]) -> dict[str, dict]:
    """Points of `voicevae.evaluation.report.curve` for the whole, live speech, and that of an enrolled speaker."""
    vv = bench.vv
    found: dict[str, list] = {name: [] for name in KINDS.values()}
    for pair in pairs:
        source, voice = bench.source(pair), vv.speaker(pair.reference.load(vv.sample_rate), vv.sample_rate)
        made = {
            "whole": vv.convert(source.wave, voice=voice),
            "live": aligned(vv.live(voice=voice), source.wave),
            "enrolled": aligned(vv.live(voice=voice, enrol=_another(vv, pair, clips)), source.wave),
        }
        for kind, name in KINDS.items():
            found[name].append(bench.outcome(pair, source, made[kind]))
        print(f"{pair.source.id} to {pair.reference.id}", file=sys.stderr)
    return {name: evaluate(outcomes) for name, outcomes in found.items()}


def costs(vv: voicevae.VoiceVAE, pair: Pair) -> str:
    """Latency, and real-time factors of blocks of 20 ms on one thread."""
    wave, voice = pair.source.load(vv.sample_rate), vv.speaker(pair.reference.load(vv.sample_rate), vv.sample_rate)
    lines = ["| stream | latency, ms | at 48 kHz | RTF | RTF of the processor's time | 99 % of blocks take, ms |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    edits = {"pitch_semitones": 3.0}
    kinds: dict[str, dict[str, Any]] = {
        "edits": edits,
        "edits, best": {**edits, "latency": "best"},
        "a voice": {"voice": voice},
    }
    for name, own in kinds.items():
        live, n, seconds = vv.live(**own), round(BLOCK_S * vv.sample_rate), []
        latency = f"{live.latency_ms:.0f} | {vv.live(48000, **own).latency_ms:.0f}"
        live.feed(wave[: vv.sample_rate])
        work = time.process_time()
        for start in range(0, len(wave) - n, n):
            began = time.perf_counter()
            live.feed(wave[start : start + n])
            seconds.append(time.perf_counter() - began)
        share = (time.process_time() - work) / (len(seconds) * BLOCK_S)
        worst = 1000 * np.percentile(seconds, 99)
        lines.append(f"| {name} | {latency} | {np.mean(seconds) / BLOCK_S:.2f} | {share:.2f} | {worst:.0f} |")
    return "\n".join(lines)


def pitch(vv: voicevae.VoiceVAE, clips: Sequence[Clip]) -> str:
    """How far F0 is from what was asked for, where both are voiced speech, of each latency."""
    lines = ["| latency | pitch edits: median, cents | over 50 cents | frames |", "| --- | --- | --- | --- |"]
    for latency in LATENCIES:
        every = _cents(vv, clips, latency)
        wide = 100 * np.mean(every > WIDE_CENTS)
        lines.append(f"| {latency} | {np.median(every):.1f} | {wide:.1f} % | {len(every)} |")
    return "\n".join(lines)


def _cents(vv: voicevae.VoiceVAE, clips: Sequence[Clip], latency: str) -> np.ndarray:
    cents = []
    for clip in clips:
        wave = clip.load(vv.sample_rate)
        own = extract(wave, vv.config)
        speech = is_speech(own.loudness_db, loud_frames_db(own.loudness_db))
        for semitones in SEMITONES:
            made = extract(aligned(vv.live(pitch_semitones=semitones, latency=latency), wave), vv.config)
            voiced = (own.voiced & made.voiced & speech)[WARM_FRAMES:]
            moved = 1200 / np.log(2) * (made.log_f0 - own.log_f0)[WARM_FRAMES:][voiced]
            cents.append(np.abs(moved - 100 * semitones))
    return np.concatenate(cents)


def identity(vv: voicevae.VoiceVAE, pair: Pair) -> str:
    """Whether blocks of any size give the same samples."""
    wave, voice = pair.source.load(vv.sample_rate)[:32000], vv.speaker(pair.reference.load(vv.sample_rate))
    made = [aligned(vv.live(voice=voice), wave, size) for size in SIZES]
    same = all(np.array_equal(made[0], one) for one in made)
    return f"Blocks of {', '.join(map(str, SIZES))} samples give {'the same' if same else 'OTHER'} samples."


def aligned(live: Live, wave: np.ndarray, size: int = 320) -> np.ndarray:
    """What a stream makes of `wave` `[n]` in blocks of `size`, without its latency, `[n]`."""
    made = [live.feed(wave[start : start + size]) for start in range(0, len(wave), size)]
    return np.concatenate([*made, live.flush()])[-len(wave) :]


def _another(vv: voicevae.VoiceVAE, pair: Pair, clips: Sequence[Clip]) -> np.ndarray:
    """Another recording of the source's speaker, or, where there is none, the source itself."""
    own = [one for one in clips if one.speaker == pair.source.speaker and one.id != pair.source.id]
    return (own or [pair.source])[0].load(vv.sample_rate)


def _paced(args: argparse.Namespace) -> str:
    plan = Plan(args.corpus, args.split, seed=0)
    vv, clips = voicevae.load(), study.read_clips(plan)[0]
    n = round(args.minutes * 60 * vv.sample_rate)
    wave = np.resize(np.concatenate([clip.load(vv.sample_rate) for clip in clips]), n)
    roughness = Roughness()
    live = vv.live(**({"pitch_semitones": 3.0} if args.edits else {"voice": vv.sample(0)}))
    n_block = round(BLOCK_S * vv.sample_rate)
    work = Clock(live, n // n_block + 100)
    session = Session(live, heard=roughness)
    memory, marks = [], _every_minute()

    def going() -> bool:
        if next(marks):
            memory.append(resident_mb())
        return True

    FileCard(wave, vv.sample_rate, n_block, paced=True).run(session, going)
    late = 100 * session.late / session.blocks
    first, last = memory[min(1, len(memory) - 1)], memory[-1]
    took, kind = 1000 * work.seconds[: work.n_blocks], "an edit" if args.edits else "a voice"
    return (
        f"{args.minutes} minutes in real time, {kind}: {session.late} of {session.blocks} blocks late ({late:.2f} %); "
        f"by the processor's time, {np.sum(took > 1000 * BLOCK_S)} took longer than they last, 99 % at most "
        f"{np.percentile(took, 99):.1f} ms, RTF {took.mean() / 1000 / BLOCK_S:.2f}; second differences at borders of "
        f"blocks {roughness.ratio:.2f} times those of all; memory {first:.0f} MB after a minute, "
        f"{last:.0f} MB at the end."
    )


class Clock:
    """The processor's time that blocks of a stream take, `seconds[:n_blocks]`; for at most `n`."""

    def __init__(self, live: Live, n: int) -> None:
        self.seconds, self.n_blocks, self._feed = np.full(n, np.nan), 0, live.feed
        live.feed = self.feed  # type: ignore[method-assign]

    def feed(self, block: object) -> np.ndarray:
        """As `Live.feed`."""
        began = time.thread_time()
        made = self._feed(block)
        self.seconds[self.n_blocks] = time.thread_time() - began
        self.n_blocks += 1
        return made


class Roughness:
    """Mean squares of the second differences of a stream, at the borders of its blocks and of all."""

    def __init__(self) -> None:
        self.last, self.sums, self.counts = np.zeros(2), np.zeros(2), np.zeros(2)

    def __call__(self, block: np.ndarray) -> None:
        """The next block `[n]`."""
        rough = np.square(np.diff(np.concatenate([self.last, block]), 2))
        self.sums += rough[:2].sum(), rough.sum()
        self.counts += 2, len(rough)
        self.last = block[-2:].astype(np.float64)

    @property
    def ratio(self) -> float:
        """1 where borders are like the rest."""
        border, every = self.sums / self.counts
        return float(border / every)


def _every_minute() -> Iterator[bool]:
    last = -60.0
    while True:
        now = time.monotonic()
        due = now - last >= 60
        last = now if due else last
        yield due


if __name__ == "__main__":
    sys.exit(main())
