"""Measure an experiment's bundle, and write the report to <exp>/report.

    python -m voicevae.recipes.evaluate --exp exp/mine --quick
    python -m voicevae.recipes.evaluate --exp exp/librispeech --protocol librispeech --recogniser base

A published protocol's report goes to <exp>/protocol. --page puts the report into a page, below its line
<!-- report -->; what stands above stays.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import voicevae
from voicevae.evaluation import document
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import protocol_report
from voicevae.evaluation.report.runner import evaluate
from voicevae.recipes import command


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with bundle/ and data/ in it")
    parser.add_argument("--corpus", type=Path, help="another folder of recordings than the one prepared in --exp")
    parser.add_argument("--split", default="dev", help="speakers never trained on (default dev)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer recordings, and no measurement of memory",
    )
    parser.add_argument("--pairs", type=int, default=200, help="conversions (default 200)")
    parser.add_argument(
        "--baseline",
        action="store_true",
        help="measure baselines without a conversion, too",
    )
    parser.add_argument("--verbs", action="store_true", help="measure sample, blend, transfer and the others, too")
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default $VOICEVAE_WHISPER, or none)")
    parser.add_argument("--bundle", type=Path, help="another bundle than the one in --exp")
    parser.add_argument("--page", type=Path, help="Markdown page to put the report into, too")
    parser.add_argument("--protocol", choices=sorted(protocol_report.PROTOCOLS), help="measure by a published protocol")
    parser.add_argument("--seed", type=int, default=0, help="random seed of pairs and clips")
    args = parser.parse_args(argv)
    corpus = args.corpus or args.exp
    command.run(lambda: _evaluate(args, corpus))


def _evaluate(args: argparse.Namespace, corpus: Path) -> None:
    names = ("split", "quick", "pairs", "seed", "baseline", "verbs", "recogniser")
    plan = Plan(corpus, **{name: getattr(args, name) for name in names}, memory=not args.quick)
    vv = voicevae.load(args.bundle or args.exp / "bundle")
    if args.protocol:
        protocol_report.evaluate(vv, args.protocol, plan, args.exp / "protocol")
    else:
        evaluate(vv, plan, args.exp / "report")
        if args.page:
            document.put_into(args.page, args.exp / "report")


if __name__ == "__main__":
    main()
