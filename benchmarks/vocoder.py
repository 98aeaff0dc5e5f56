"""The vocoder beside others, on the same clips in one run: quality, pitch, formants, speed and memory.

What is not installed is named as absent. 22 clips take some minutes on two cores.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import add_corpus, printed
from voicevae.aside import written
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import CorpusError, VoiceVAEError

PROGRAM = "python -m benchmarks.vocoder"
EXAMPLES = f"""\
examples:
  {PROGRAM} --corpus recordings/
  {PROGRAM} --corpus recordings/ --split test --clips 50 --bundle my-bundle/ --out table.md"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write the table; returns the exit code: 0, or 2 where the input was bad."""
    args = _parser().parse_args(argv)
    return printed(lambda: write(_table(args), args.out))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog=PROGRAM, description=__doc__, epilog=EXAMPLES)
    add_corpus(parser)
    parser.add_argument("--clips", type=whole(1, 10000), default=22, metavar="N", help="how many (default: 22)")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="S", help="draws them (default: 0)")
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="bundle to use instead of the shipped one")
    parser.add_argument("--out", type=Path, default=Path("docs/vocoder.md"), help="default: docs/vocoder.md")
    cores = os.cpu_count() or 1
    parser.add_argument(
        "--jobs", type=whole(1, 256), default=cores, metavar="N", help="processes (default: as many as cores)"
    )
    return parser


def _table(args: argparse.Namespace) -> str:
    """Raises VoiceVAEError where corpus, split, bundle or output cannot be used, before anything is measured."""
    if not args.corpus.is_dir():
        raise CorpusError(f"{args.corpus} is not a folder; give one of recordings.")
    if not args.out.parent.is_dir() or args.out.is_dir():
        raise VoiceVAEError(f"{args.out} cannot be written; give a file in a folder that exists.")
    from benchmarks.run import run
    from benchmarks.table import markdown
    from voicevae.evaluation.clips import draw_clips, read_clips

    clips = draw_clips(read_clips(args.corpus, args.split), args.clips, args.seed)
    if not clips:
        raise CorpusError(f"The split {args.split!r} of {args.corpus} has no recordings; add some.")
    results = run(clips, args.bundle, args.jobs, args.seed)
    corpus = args.corpus.resolve().name
    command = f"{PROGRAM} --corpus {corpus} --split {args.split} --clips {args.clips} --seed {args.seed}"
    return markdown(results, command)


def write(text: str, path: Path) -> str:
    """Write `text`, and give it back. Raises OutputError where `path` cannot be written; then nothing is left there."""
    with written(path) as aside:
        aside.write_text(text, encoding="utf-8")
    return text


if __name__ == "__main__":
    sys.exit(main())
