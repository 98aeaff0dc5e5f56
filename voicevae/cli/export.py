"""`voicevae export`: networks of a bundle for ONNX Runtime."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared.jobs import say
from voicevae.errors import needs

GROUP = "bundles"
SUMMARY = "write a bundle's networks as ONNX graphs beside its weights"
EXAMPLES = """\
  voicevae export my-bundle/
  voicevae export my-bundle/ --precision int8"""


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder of the bundle; it is written to")
    parser.add_argument(
        "--precision",
        choices=["float32", "int8"],
        default="float32",
        help="of the matrix products: int8 is quicker, and no longer equal to torch (default: float32)",
    )


def run(args: Namespace) -> int:
    with needs("torch", "Export"):
        from voicevae.engine import export
    files = export.export(args.bundle, args.precision)
    said = "what torch does" if args.precision == "float32" else "nearly what torch does"
    say(f"voicevae: {len(files)} graphs, opset {export.OPSET}, in {args.bundle}; ONNX Runtime computes {said}.")
    return 0
