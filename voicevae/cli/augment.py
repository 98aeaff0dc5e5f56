"""`voicevae augment`: copy a corpus with new voices, with its labels."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from voicevae import parallel
from voicevae.cli.shared import corpora
from voicevae.cli.shared.inputs import load
from voicevae.cli.shared.options import (
    add_bundle_option,
    add_out_dir,
    add_seed,
    add_watermark,
    add_whole,
    default_of,
    number,
)
from voicevae.edits import CONTROLS
from voicevae.errors import needs

GROUP = "corpora"
SUMMARY = "copy a corpus with new voices, with its labels"
EXAMPLES = """\
  voicevae augment corpus/ --out-dir more/ --copies 4 --workers 2
  voicevae augment cuts.jsonl.gz --out-dir more/ --pitch -4 4 --rate 0.8 1.25 --seed 7
  voicevae augment recordings.jsonl.gz supervisions.jsonl.gz --out-dir more/"""
WORKERS = 2


def add_options(parser: ArgumentParser) -> None:
    with needs("train", "augment"):
        from voicevae.augmentation.plan import DRAWN, MAX_COPIES, AugmentationPlan

    parser.add_argument(
        "corpus",
        nargs="+",
        type=Path,
        metavar="CORPUS",
        help="folder <speaker>/<utterance>.<ext>; or a lhotse manifest of cuts, or of recordings and of supervisions",
    )
    add_out_dir(parser, "folder for the copies")
    add_whole(parser, "--copies", (1, MAX_COPIES), "copies of each recording", default_of(AugmentationPlan, "copies"))
    for name in DRAWN:
        one, (low, high) = CONTROLS[name], default_of(AugmentationPlan, name)
        text = f"range to draw from, {one.help} (default {low:g} {high:g})"
        values = number(one.low, one.high)
        parser.add_argument(one.option, dest=name, nargs=2, type=values, metavar=("LOW", "HIGH"), help=text)
    add_whole(parser, "--workers", (1, 1024), "processes", WORKERS)
    corpora.add_scheduler(parser)
    add_seed(parser, "random seed of voices and edits")
    add_watermark(parser)
    add_bundle_option(parser)
    parser.set_defaults(device="cpu", engine=None, threads=None)


def run(args: Namespace) -> int:
    from voicevae.augmentation import augment
    from voicevae.augmentation.plan import DRAWN

    asked: dict[str, Any] = {name: tuple(pair) for name in DRAWN if (pair := getattr(args, name)) is not None}
    vv = load(args)
    corpus = args.corpus[0] if len(args.corpus) == 1 else args.corpus
    options = {"seed": args.seed, "watermark": not args.no_watermark, "workers": args.workers}
    with parallel.cluster(args.scheduler) as executor:
        print(augment(vv, corpus, args.out_dir, args.copies, executor=executor, **options, **asked))
    return 0
