"""`voicevae export`: networks of a bundle for ONNX Runtime."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared.jobs import say
from voicevae.errors import needs

GROUP = "bundles"
SUMMARY = "write a bundle's networks as ONNX graphs beside its weights"
EXAMPLES = "  voicevae export my-bundle/"


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder of the bundle; it is written to")


def run(args: Namespace) -> int:
    with needs("torch", "Export"):
        from voicevae.engine import export
    files = export.export(args.bundle)
    say(
        f"voicevae: {len(files)} graphs, opset {export.OPSET}, in {args.bundle}; ONNX Runtime computes what torch does."
    )
    return 0
