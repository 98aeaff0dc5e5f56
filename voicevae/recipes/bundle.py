"""Make a bundle of an experiment's trained weights, with its networks for ONNX Runtime.

    python -m voicevae.recipes.bundle --exp exp/mine --out exp/mine/bundle --config mine.yaml

The card says what the configuration's section `about` says of the data and its licence, and, once the experiment has
been evaluated, the figures of exp/mine/report; so run it again after the evaluation.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from voicevae.engine import export as engine
from voicevae.recipes import command
from voicevae.training.config import load
from voicevae.training.export import export


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument(
        "--exp", type=Path, required=True, help="experiment folder, with vae/ and vocoder/ trained in it"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--config", type=Path, help="YAML file with the section 'about'")
    args = parser.parse_args(argv)
    command.run(lambda: _bundle(args))


def _bundle(args: argparse.Namespace) -> None:
    made = export(args.exp, args.out, load(args.config).about)
    engine.export(args.out)
    print(f"{args.out}: {sum(f.stat().st_size for f in args.out.rglob('*') if f.is_file()) / 2**20:.1f} MiB")
    print(made.card)


if __name__ == "__main__":
    main()
