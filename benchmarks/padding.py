"""How much of the batches is padding, of a prepared corpus: windows have one length, and recordings may be shorter.

    python -m benchmarks.padding --exp exp/mine --config egs/folder/conf/default.yaml

Prints a table in Markdown. There is nothing to sort by duration: a recording that is longer than a window gives no
padding, whatever else is in the batch.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from lhotse import CutSet

from benchmarks.command import printed
from voicevae.data.batches import CutSampler, FrameBank
from voicevae.data.prepare import load_cuts
from voicevae.training import config

DRAWS = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--config", type=Path, help="YAML file of a recipe (default: the defaults)")
    args = parser.parse_args()
    return printed(lambda: _table(load_cuts(args.exp / "data", "train"), config.load(args.config)))


def padded(length: np.ndarray, n_frames: int) -> float:
    """Share of padding in windows of `n_frames`, one in each of recordings of `length` frames `[B]`."""
    return float(np.maximum(n_frames - length, 0).mean() / n_frames)


def _table(cuts: CutSet, told: config.RecipeConfig) -> str:
    bank, random = FrameBank(cuts), np.random.default_rng(0)
    sampler = CutSampler(bank)
    source = sampler.draw(DRAWS, random)
    reference = sampler.another(source, random)
    # A crop of the vocoder lacks the last frame of a recording, whose samples are not all there.
    windows = {
        "VAE, speech": (told.vae_frames, bank.length[source]),
        "VAE, reference": (told.vae_reference_frames, bank.length[reference]),
        "vocoder": (told.vocoder_frames, bank.length[source] - 1),
    }
    rows = [f"| {name} | {n} | {100 * padded(length, n):.1f} % |" for name, (n, length) in windows.items()]
    seconds = np.quantile(bank.length, [0.05, 0.5, 0.95]) / told.features.frame_rate
    said = ", ".join(f"{s:.1f}" for s in seconds)
    head = f"{len(bank.length):,} recordings; 5, 50 and 95 % last under {said} s.\n"
    return "\n".join([head, "| window | frames | padding |", "| --- | --- | --- |", *rows])


if __name__ == "__main__":
    sys.exit(main())
