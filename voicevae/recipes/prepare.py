"""Turn a folder of recordings into features and manifests.

    python -m voicevae.recipes.prepare --corpus recordings/ --exp exp/mine
    python -m voicevae.recipes.prepare --corpus VCTK-Corpus-0.92/ --layout vctk --exp exp/vctk

The recordings lie as <speaker>/<utterance>.<ext> or <corpus>/<speaker>/<utterance>.<ext>, and metadata.csv is optional;
or as a published corpus is unpacked, which --layout names.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from voicevae import parallel
from voicevae.data.corpora import FOLDER, LAYOUTS
from voicevae.data.prepare import prepare
from voicevae.features import FeatureConfig
from voicevae.recipes import command


def main(argv: Sequence[str] | None = None) -> None:
    from voicevae.training import config  # worker processes import this file too, and need none of its packages

    parser = command.Parser(__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of recordings")
    parser.add_argument("--layout", default=FOLDER, choices=LAYOUTS, help="how the recordings lie (default folder)")
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder; gets data/")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, as tcp://10.0.0.1:8786")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the dev speakers, where none are named")
    args = parser.parse_args(argv)
    command.run(lambda: _prepare(args, config.load(args.config).features))


def _prepare(args: argparse.Namespace, features: FeatureConfig) -> None:
    with parallel.cluster(args.scheduler) as executor:
        print(prepare(args.corpus, args.exp, features, args.workers, args.seed, args.layout, executor))


if __name__ == "__main__":
    main()
