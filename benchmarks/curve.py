"""Quality of the vocoder against its training: one row a bundle, copy synthesis and shifts of the same clips."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import add_corpus, printed
from benchmarks.vocoder import write
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import CorpusError

PROGRAM = "python -m benchmarks.curve"
ABOUT = f"""\
Made by `{PROGRAM}` of bundles that were saved on the way. Medians over the clips of `benchmarks.vocoder`: PESQ-WB and
STOI of copy synthesis, DNSMOS of it and with the pitch shifted up by semitones.
"""
EXAMPLES = f"""\
examples:
  {PROGRAM} exp/mine/at-1000 exp/mine/at-4000 --corpus recordings/ --out docs/vocoder-training.md"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write the table; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__, epilog=EXAMPLES)
    parser.add_argument("bundles", type=Path, nargs="+", metavar="BUNDLE", help="in the order of their training")
    add_corpus(parser)
    parser.add_argument("--clips", type=whole(1, 10000), default=22, metavar="N", help="how many (default: 22)")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="S", help="draws them (default: 0)")
    cores = os.cpu_count() or 1
    parser.add_argument("--jobs", type=whole(1, 256), default=cores, metavar="N", help="processes (default: the cores)")
    parser.add_argument("--out", type=Path, required=True, help="Markdown file")
    args = parser.parse_args(argv)
    return printed(lambda: write(_table(args), args.out))


def _table(args: argparse.Namespace) -> str:
    from benchmarks.run import ours
    from voicevae import bundle
    from voicevae.evaluation.clips import draw_clips, read_clips

    clips = draw_clips(read_clips(args.corpus, args.split), args.clips, args.seed)
    if not clips:
        raise CorpusError(f"The split {args.split!r} of {args.corpus} has no recordings; add some.")
    rows = [
        "| bundle | steps | PESQ-WB | STOI | DNSMOS, copy | +4 | +7 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for path in args.bundles:
        steps, one = bundle.load(path).training["steps"]["vocoder"], ours(clips, path, args.jobs)
        rated = " | ".join(f"{one.dnsmos[semitones]:.2f}" for semitones in (0, 4, 7))
        rows.append(f"| {path.name} | {steps:,} | {one.pesq:.2f} | {one.stoi:.3f} | {rated} |")
    return f"# The vocoder's quality against its training\n\n{ABOUT}\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
