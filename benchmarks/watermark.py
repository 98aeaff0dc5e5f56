"""Watermarks side by side, on conversions: inaudibility, robustness and error rates.

Conversions are made with the shipped bundle, each between two speakers; the sounds in which no mark may be found are
recordings as they are. perth (`pip install --no-deps resemble-perth librosa`) is measured where it is installed.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from tqdm import tqdm

from benchmarks.attacks import ATTACKS
from benchmarks.command import add_corpus, printed
from voicevae import watermark
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import CorpusError

PROGRAM = "python -m benchmarks.watermark"
SHORTEST_S = 3.0
OURS, PERTH = "ours", "perth"


@dataclass(frozen=True)
class Marker:
    """One way to mark: embed(wave `[n]`, Hz) -> `[n]`; detect(wave, Hz) -> bool."""

    embed: Callable[[np.ndarray, int], np.ndarray]
    detect: Callable[[np.ndarray, int], bool]


@dataclass(frozen=True)
class Figures:
    """Of one marker: means over the sounds; shares of marked sounds found; how many recordings were called marked."""

    snr_db: float
    pesq: float
    worst_pesq: float
    dnsmos_change: float
    embed_rtf: float
    detect_rtf: float
    found: dict[str, float]
    false_alarms: int


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__)
    add_corpus(parser)
    parser.add_argument("--sounds", type=whole(1, 10000), default=50, metavar="N", help="converted (default: 50)")
    parser.add_argument(
        "--rated", type=whole(1, 10000), default=20, metavar="N", help="of them, by PESQ and DNSMOS (20)"
    )
    parser.add_argument("--unmarked", type=whole(1, 10000), default=200, metavar="N", help="as they are (default: 200)")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="S", help="draws them (default: 0)")
    parser.add_argument("--markers", nargs="+", choices=[OURS, PERTH], help="default: those that are installed")
    args = parser.parse_args(argv)
    return printed(lambda: _report(args))


def _report(args: argparse.Namespace) -> str:
    made, recordings, rate = _sounds(args)
    markers = {name: one for name, one in _markers().items() if name in (args.markers or [OURS, PERTH])}
    figures = {name: measure(marker, made, recordings, rate, args.rated) for name, marker in markers.items()}
    rated_on = f"the first {min(args.rated, len(made))} rated by PESQ and DNSMOS"
    counts = f"{len(made)} conversions of {SHORTEST_S:g} s and more, {rated_on}; {len(recordings)} recordings."
    return f"{counts}\n\n{table(figures, len(recordings))}"


def measure(
    marker: Marker, made: Sequence[np.ndarray], recordings: Sequence[np.ndarray], rate: int, n_rated: int
) -> Figures:
    """Mark the waves `made`, rate some, attack all; look for a mark in `recordings`. All `[n]` at `rate` Hz."""
    from voicevae.evaluation.metrics import quality

    marked, embed_s = _timed(lambda wave: marker.embed(wave, rate), made)
    _, detect_s = _timed(lambda wave: marker.detect(wave, rate), marked)
    seconds = sum(len(wave) for wave in made) / rate
    pairs = list(zip(made, marked, strict=True))
    snr = [10 * np.log10(np.mean(a**2) / np.mean((a - b) ** 2)) for a, b in pairs]
    rated = pairs[:n_rated]
    scores = [quality.pesq(a, b, rate) for a, b in tqdm(rated, desc="PESQ", leave=False)]
    change = [quality.dnsmos(b, rate) - quality.dnsmos(a, rate) for a, b in tqdm(rated, desc="DNSMOS", leave=False)]
    found = {
        name: float(np.mean([marker.detect(attack(wave, rate), rate) for wave in tqdm(marked, desc=name, leave=False)]))
        for name, attack in ATTACKS.items()
    }
    wrong = sum(marker.detect(wave, rate) for wave in tqdm(recordings, desc="recordings", leave=False))
    return Figures(
        float(np.mean(snr)),
        float(np.mean(scores)),
        min(scores),
        float(np.mean(change)),
        embed_s / seconds,
        detect_s / seconds,
        found,
        wrong,
    )


def table(figures: dict[str, Figures], n_recordings: int) -> str:
    """Markdown: a row a figure, a column a marker."""
    rows = {
        "SNR, dB": [f"{one.snr_db:.1f}" for one in figures.values()],
        "PESQ-WB against the unmarked, mean": [f"{one.pesq:.2f}" for one in figures.values()],
        "PESQ-WB, worst": [f"{one.worst_pesq:.2f}" for one in figures.values()],
        "DNSMOS change, mean": [f"{one.dnsmos_change:+.3f}" for one in figures.values()],
        "real-time factor of marking, one thread": [f"{one.embed_rtf:.4f}" for one in figures.values()],
        "real-time factor of looking, one thread": [f"{one.detect_rtf:.4f}" for one in figures.values()],
        **{f"found: {name}": [f"{100 * one.found[name]:.0f} %" for one in figures.values()] for name in ATTACKS},
        f"false alarms of {n_recordings}": [str(one.false_alarms) for one in figures.values()],
    }
    lines = ["| | " + " | ".join(figures) + " |", "| --- " * (len(figures) + 1) + "|"]
    return "\n".join(lines + [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()])


def _timed(work: Callable[[np.ndarray], object], waves: Sequence[np.ndarray]) -> tuple[list, float]:
    started = time.process_time()
    done = [work(wave) for wave in waves]
    return done, time.process_time() - started


def _markers() -> dict[str, Marker]:
    markers = {OURS: Marker(watermark.embed, watermark.detect)}
    if find_spec("perth") is None:
        return markers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own: it asks for pkg_resources
        import perth
    network = perth.PerthImplicitWatermarker()

    def embed(wave: np.ndarray, rate: int) -> np.ndarray:
        made = np.asarray(network.apply_watermark(wave, sample_rate=rate), np.float32)
        return np.pad(made, (0, max(len(wave) - len(made), 0)))[: len(wave)]

    def detect(wave: np.ndarray, rate: int) -> bool:
        return float(np.mean(network.get_watermark(wave, sample_rate=rate))) > 0.5

    return markers | {PERTH: Marker(embed, detect)}


def _sounds(args: argparse.Namespace) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """What is marked, what is not, and the rate in Hz."""
    import torch

    from voicevae.evaluation.clips import of_split, read_splits
    from voicevae.voice import load

    if not args.corpus.is_dir():
        raise CorpusError(f"{args.corpus} is not a folder; give one of recordings.")
    torch.set_num_threads(1)
    splits, rng, vv = read_splits(args.corpus), np.random.default_rng(args.seed), load()
    long = [clip for clip in of_split(splits, args.split, args.corpus) if clip.duration_s >= SHORTEST_S]
    made = []
    for i in tqdm(rng.permutation(len(long))[: args.sounds], desc="conversions", leave=False):
        others = [clip for clip in long if clip.speaker != long[i].speaker]
        target = others[rng.integers(len(others))].load(vv.sample_rate)
        made.append(vv.convert(long[i].load(vv.sample_rate), voice=target))
    every = [clip for clips in splits.values() for clip in clips]
    drawn = rng.permutation(len(every))[: args.unmarked]
    return made, [every[i].load(vv.sample_rate) for i in drawn], vv.sample_rate


if __name__ == "__main__":
    sys.exit(main())
