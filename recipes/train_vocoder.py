"""Train the vocoder on prepared data.

python recipes/train_vocoder.py --exp exp/mine --config egs/folder/conf/default.yaml --resume
"""

import argparse
from pathlib import Path

from voicevae.training import stages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    args = parser.parse_args()
    stages.run(lambda: stages.train_vocoder(args.exp, args.config, args.resume))


if __name__ == "__main__":
    main()
