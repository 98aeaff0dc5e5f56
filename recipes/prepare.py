"""Turn a folder of recordings into features and manifests.

    python recipes/prepare.py --corpus recordings/ --exp exp/mine

The recordings lie as <speaker>/<utterance>.<ext> or <corpus>/<speaker>/<utterance>.<ext>; metadata.csv is optional.
"""

import argparse
from pathlib import Path

from voicevae.data.prepare import prepare


def main() -> None:
    # Here, because worker processes import this file too and need none of the training's packages.
    from voicevae.training import config, stages

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of recordings")
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder; gets data/")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of dev speakers where none are named")
    args = parser.parse_args()
    stages.run(
        lambda: print(prepare(args.corpus, args.exp, config.load(args.config).features, args.workers, args.seed))
    )


if __name__ == "__main__":
    main()
