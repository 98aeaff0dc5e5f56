"""`voicevae compare`: compare two bundles, or two reports."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import jobs, plans
from voicevae.errors import needs

GROUP = "bundles"
SUMMARY = "compare two bundles, or two reports"
EXAMPLES = """\
  voicevae compare report-a/ report-b/
  voicevae compare bundle-a/ bundle-b/ --corpus recordings/ --quick --out-dir compared/"""


def add_options(parser: ArgumentParser) -> None:
    for name, which in (("a", "one"), ("b", "other")):
        parser.add_argument(name, type=Path, metavar=name.upper(), help=f"folder of the {which} bundle, or its report")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="recordings to measure bundles on")
    parser.add_argument("--out-dir", type=Path, metavar="DIR", help="folder for the table and for bundles' reports")
    plans.add_plan(parser)


def run(args: Namespace) -> int:
    if args.corpus is not None:
        plans.check_corpus(args.corpus)
    if args.out_dir is not None:
        jobs.make_folder(args.out_dir)
    with needs("eval", "compare"):
        from voicevae.evaluation.report import compare

        plan = None if args.corpus is None else plans.plan_of(args)
        compare.evaluate(args.a, args.b, plan, args.out_dir, args.device)
    return 0
