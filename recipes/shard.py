"""Write a prepared corpus as shards, from which training streams with one shard in memory.

    python recipes/shard.py --exp exp/mine --hours 1

recipes/train_vae.py takes <exp>/data/shards where it is; write it again after preparing again. The vocoder still reads
the prepared corpus.
"""

import argparse
from pathlib import Path

from voicevae.data import shards
from voicevae.data.prepare import load_cuts
from voicevae.training import stages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--hours", type=float, default=1.0, help="of speech in a shard (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="of the order (default 0)")
    args = parser.parse_args()
    stages.run(lambda: _write(args))


def _write(args: argparse.Namespace) -> None:
    cuts = load_cuts(args.exp / "data", "train")
    made = shards.write(cuts, args.exp / "data" / "shards", args.hours, args.seed)
    print(f"{made.n_shards} shards: {made.utterances} utterances of {len(made.speakers)} speakers.")


if __name__ == "__main__":
    main()
