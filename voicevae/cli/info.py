"""`voicevae info`: describe a bundle."""

from argparse import ArgumentParser, Namespace

from voicevae.cli.shared.describe import describe
from voicevae.cli.shared.options import add_bundle

GROUP = "bundles"
SUMMARY = "describe a bundle"
EXAMPLES = "  voicevae info\n  voicevae info my-bundle/ --speakers"


def add_options(parser: ArgumentParser) -> None:
    add_bundle(parser)
    parser.add_argument("--speakers", action="store_true", help="list the speakers that the bundle knows")


def run(args: Namespace) -> int:
    from voicevae import bundle

    parts = bundle.load(args.bundle)
    if args.speakers:
        print(*parts.speakers, sep="\n")
    else:
        print(describe(parts, args.bundle or bundle.DEFAULT))
    return 0
