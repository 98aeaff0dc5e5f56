"""Write a prepared corpus as shards, from which training streams with one shard in memory.

    python -m voicevae.recipes.shard --exp exp/mine --hours 1 --workers 4

train_vae and train_vocoder take <exp>/data/shards where it is; write it again after preparing
again. The recordings are kept beside the frames, as FLAC at the features' rate; only the vocoder reads them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from voicevae import parallel
from voicevae.data import shards
from voicevae.data.prepare import load_cuts, read_report
from voicevae.recipes import command


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--hours", type=float, default=1.0, help="hours of speech in a shard (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the order (default 0)")
    parser.add_argument("--frames-only", action="store_true", help="no recordings: a third less disk, and no vocoder")
    parser.add_argument("--workers", type=int, default=1, help="processes that write (default 1)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, as tcp://10.0.0.1:8786")
    args = parser.parse_args(argv)
    command.run(lambda: _write(args))


def _write(args: argparse.Namespace) -> None:
    data = args.exp.resolve() / "data"
    cuts, said = load_cuts(data, "train"), read_report(data)
    rate = 0 if args.frames_only else said["features"]["sample_rate"]
    with parallel.cluster(args.scheduler) if args.scheduler else parallel.workers(args.workers) as executor:
        made = shards.write(cuts, data / "shards", args.hours, args.seed, rate, said.get("checksum", ""), executor)
    print(f"{made.n_shards} shards: {made.utterances} utterances of {len(made.speakers)} speakers.")


if __name__ == "__main__":
    main()
