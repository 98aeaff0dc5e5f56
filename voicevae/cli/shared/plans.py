"""What a bundle is measured on: the options of `voicevae.evaluation.plan.Plan`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from voicevae.cli.shared.options import add_device, add_seed, add_whole
from voicevae.errors import VoiceVAEError

if TYPE_CHECKING:
    from voicevae.evaluation.plan import Plan

ASKED = ("split", "quick", "pairs", "seed", "baseline", "verbs", "recogniser")


def add_plan(parser: ArgumentParser) -> None:
    """Options of an evaluation: split, pairs, seed, parts, recogniser, workers, device."""
    from voicevae.evaluation.plan import Plan

    parser.add_argument("--split", default=Plan.split, help=f"split of the corpus' metadata.csv (default {Plan.split})")
    parser.add_argument("--quick", action="store_true", help="fewer recordings, in minutes")
    add_whole(parser, "--pairs", (1, 10_000), "conversions", Plan.pairs)
    parser.add_argument(
        "--baseline",
        action="store_true",
        help="measure baselines without a conversion, too",
    )
    parser.add_argument("--verbs", action="store_true", help="measure sample, blend, transfer and the others, too")
    parser.add_argument(
        "--recogniser",
        metavar="NAME",
        help="Whisper, by a model's name or a folder in CTranslate2's form (default $VOICEVAE_WHISPER, or none)",
    )
    add_whole(parser, "--workers", (1, 2), "processes, 1 or 2 (default: 2 if there are cores)")
    add_seed(parser, "chooses recordings and pairs")
    add_device(parser)


def plan_of(args: Namespace) -> "Plan":
    """The plan that was asked for."""
    from voicevae.evaluation.plan import Plan

    asked = {name: getattr(args, name) for name in ASKED}
    return Plan(args.corpus, **asked | ({"workers": args.workers} if args.workers else {}))


def check_corpus(folder: Path) -> None:
    """Raises VoiceVAEError where there is no such folder."""
    if not folder.is_dir():
        raise VoiceVAEError(f"{folder} is not a folder; give one of recordings.")
