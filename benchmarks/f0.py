"""The live F0 tracker against swift-f0, which it learned from, on recordings as they are and with white noise.

swift-f0 hears whole recordings without the noise, and is right by definition. Errors are over the frames that both call
voiced: gross are those over 20 % (the field's gross pitch error, 316 cents), and over 50 cents is counted too. The
frames of all recordings are pooled. The last line says what a frame costs on one thread.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from benchmarks.command import add_corpus, printed
from voicevae.cli.shared.options import Parser
from voicevae.evaluation.clips import read_clips
from voicevae.evaluation.metrics.pitch import Track, errors_cents, measure, voicing_agreement
from voicevae.features import VOICED, FeatureConfig
from voicevae.features.live_f0 import SHIPPED, LiveF0
from voicevae.threads import limited

PROGRAM = "python -m benchmarks.f0"
GROSS_CENTS = 1200 * float(np.log2(1.2))
WIDE_CENTS = 50.0
SNRS_DB = (None, 10.0)  # None: no noise
HEAD = "| condition | median, cents | gross (> 20 %) | over 50 cents | voicing agreement |"


class Row(NamedTuple):
    """Median error in cents; gross errors, errors over 50 cents and voicing agreement, 0..1."""

    cents: float
    gross: float
    wide: float
    agreement: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__)
    add_corpus(parser)
    parser.add_argument("--weights", type=Path, default=SHIPPED, metavar="FILE", help="default: the shipped ones")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the noise (default: 0)")
    args = parser.parse_args(argv)
    return printed(lambda: _report(args))


def _report(args: argparse.Namespace) -> str:
    config = FeatureConfig()
    tracker = LiveF0(config, args.weights)
    clips = read_clips(args.corpus, args.split)
    waves = (clip.load(config.sample_rate) for clip in clips)
    with limited(1):
        return table(tracker, tqdm(waves, "F0", total=len(clips), unit="clip"), args.seed)


def table(tracker: LiveF0, waves: Iterator[np.ndarray], seed: int) -> str:
    """Markdown: a row a condition, of `waves`, each `[n]`, and what a frame costs."""
    noise = np.random.default_rng(seed)
    pairs: dict[float | None, list[tuple[Track, Track]]] = {snr_db: [] for snr_db in SNRS_DB}
    spent, n_frames = 0.0, 0
    for wave in waves:
        right = measure(wave, tracker.config)
        for snr_db in SNRS_DB:
            heard = wave if snr_db is None else with_noise(wave, snr_db, noise)
            began = time.process_time()
            found = track(tracker, heard)
            spent, n_frames = spent + time.process_time() - began, n_frames + len(found.log_f0)
            pairs[snr_db].append((right, found))
    lines = [HEAD, "| --- " * 5 + "|"]
    for snr_db in SNRS_DB:
        row, name = errors(pairs[snr_db]), "as recorded" if snr_db is None else f"noise, SNR {snr_db:g} dB"
        lines.append(f"| {name} | {row.cents:.1f} | {row.gross:.2%} | {row.wide:.2%} | {row.agreement:.1%} |")
    a_frame = 1000 * spent / n_frames
    share = a_frame * tracker.config.frame_rate / 1000
    lines += ["", f"{n_frames} frames: {a_frame:.3f} ms of CPU time a frame, {share:.1%} of real time."]
    return "\n".join(lines)


def track(tracker: LiveF0, wave: np.ndarray) -> Track:
    """What the tracker finds in all of `wave` `[n]`."""
    parts = tracker.feed(wave), tracker.flush()
    log_f0, voicing = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Track(log_f0, voicing >= VOICED)


def errors(pairs: Sequence[tuple[Track, Track]]) -> Row:
    """Of all (right, found), their frames pooled."""
    cents = np.concatenate([errors_cents(*pair) for pair in pairs])
    n = np.array([len(right.log_f0) for right, _ in pairs])
    agreement = float(np.average([voicing_agreement(*pair) for pair in pairs], weights=n))
    return Row(
        float(np.median(cents)), float(np.mean(cents > GROSS_CENTS)), float(np.mean(cents > WIDE_CENTS)), agreement
    )


def with_noise(wave: np.ndarray, snr_db: float, random: np.random.Generator) -> np.ndarray:
    """`wave` `[n]` with white noise, `snr_db` below the mean power of the whole."""
    noise = random.standard_normal(len(wave)).astype(np.float32)
    return wave + noise * np.float32(np.sqrt(np.mean(np.square(wave))) * 10 ** (-snr_db / 20))


if __name__ == "__main__":
    raise SystemExit(main())
