"""`voicevae evaluate`: measure a bundle on recordings."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import jobs, plans
from voicevae.cli.shared.inputs import load
from voicevae.cli.shared.options import add_bundle, add_out_dir
from voicevae.errors import needs

GROUP = "bundles"
SUMMARY = "measure a bundle on recordings"
EXAMPLES = """\
  voicevae evaluate --corpus recordings/ --quick
  voicevae evaluate my-bundle/ --corpus recordings/ --split test --pairs 500 --baseline --out-dir report/
  voicevae evaluate --corpus LibriSpeech/ --protocol librispeech --recogniser base"""


def add_options(parser: ArgumentParser) -> None:
    add_bundle(parser)
    parser.add_argument(
        "--corpus",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder <speaker>/<utterance>.<ext>, or a prepared experiment; with --protocol, as it is unpacked",
    )
    add_out_dir(parser, "folder for the report", Path("report"))
    parser.add_argument(
        "--protocol",
        choices=["librispeech", "vcc2020"],
        help="the conversions and metrics of a published evaluation, beside its figures; hours without --quick",
    )
    plans.add_plan(parser)


def run(args: Namespace) -> int:
    plans.check_corpus(args.corpus)
    jobs.make_folder(args.out_dir)
    with needs("eval", "evaluate"):
        from voicevae.evaluation.report import protocol_report, runner

        plan = plans.plan_of(args)
        if args.protocol:
            protocol_report.evaluate(load(args), args.protocol, plan, args.out_dir)
        else:
            runner.evaluate(load(args), plan, args.out_dir)
    return 0
