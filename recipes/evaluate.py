"""Measure an experiment's bundle, and write the report to <exp>/report.

python recipes/evaluate.py --exp exp/mine --quick
"""

import argparse
from pathlib import Path

import voicevae
from voicevae.evaluation.report import evaluate
from voicevae.training import stages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with bundle/ and data/ in it")
    parser.add_argument("--corpus", type=Path, help="another folder of recordings than the one prepared in --exp")
    parser.add_argument("--split", default="dev", help="speakers never trained on (default dev)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer clips for the edits and for the smaller corpora, and no measurement of memory",
    )
    parser.add_argument("--pairs", type=int, default=200, help="conversions a corpus (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="draws pairs and clips")
    args = parser.parse_args()
    corpus = args.corpus or args.exp
    stages.run(lambda: _evaluate(args, corpus))


def _evaluate(args: argparse.Namespace, corpus: Path) -> None:
    vv = voicevae.load(args.exp / "bundle")
    evaluate(vv, corpus, args.split, args.exp / "report", args.quick, args.pairs, args.seed, not args.quick)


if __name__ == "__main__":
    main()
