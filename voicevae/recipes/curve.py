"""Measure settings of the conversion: CER added over closure, as a Markdown table and a plot.

    python -m voicevae.recipes.curve --corpus recordings/ --recogniser base --setting pitch_range=1.2 --png curve.png

Each --setting is one point: keyword arguments of `Code.edit`, joined by commas, measured on the same conversions
between speakers of --split as the bundle is without any.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

import voicevae
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import study
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import curve
from voicevae.recipes import command


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    command.add_measured(parser)
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=NUMBER,...", help="a point; repeatable")
    parser.add_argument("--pairs", type=int, default=study.ACROSS, help=f"conversions (default {study.ACROSS})")
    parser.add_argument("--png", type=Path, help="file for the plot")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the pairs")
    args = parser.parse_args(argv)
    command.run(lambda: _measure(args))


def settings(texts: list[str]) -> dict[str, dict[str, float]]:
    """{"a=1,b=2": {"a": 1.0, "b": 2.0}}. Raises VoiceVAEError where a text is not of that form."""
    found = {}
    for text in texts:
        try:
            found[text] = {name.strip(): float(value) for name, value in (part.split("=") for part in text.split(","))}
        except ValueError:
            raise VoiceVAEError(
                f"--setting {text!r} is not NAME=NUMBER,...; give for example pitch_range=1.2."
            ) from None
    return found


def _measure(args: argparse.Namespace) -> None:
    plan = Plan(args.corpus, args.split, pairs=args.pairs, seed=args.seed, recogniser=args.recogniser)
    points, transcriber = settings(args.setting), curve.transcriber(plan)
    vv, pairs = voicevae.load(args.bundle), curve.pairs(plan)
    with tqdm(total=len(pairs), desc="curve", unit="pair") as bar:
        originals = Originals(vv, study.speaker_encoder())
        found = curve.curve(vv, pairs, points, transcriber, originals, plan.seed, bar.update)
    print(curve.table(found))
    if args.png:
        curve.draw(found, args.png)


if __name__ == "__main__":
    main()
