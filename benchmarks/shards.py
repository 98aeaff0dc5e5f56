"""Memory and speed of batches from shards, against the hours of the corpus.

    python -m benchmarks.shards --hours 1 100 10000

One shard of made-up frames is written, and stands under as many names as there are to be shards of an hour; a corpus
in memory stands beside it at one hour. Every figure is of a fresh process. Prints a table in Markdown.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from lhotse import CutSet, MonoCut, NumpyFilesWriter, SupervisionSegment

from benchmarks.processes import fresh
from voicevae.data import shards
from voicevae.data.batches import TrainingBatches
from voicevae.data.sharded import ShardedBatches
from voicevae.features import FeatureConfig

CUT_S, SPEAKERS = 10.0, 30
BATCH, FRAMES, REFERENCE = 16, 192, 256  # as the default recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", nargs="+", type=int, default=[1, 100, 10_000], help="default 1 100 10000")
    parser.add_argument("--shard-hours", type=float, default=1.0, help="default 1")
    parser.add_argument("--steps", type=int, default=300, help="batches that are drawn (default 300)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cuts = generate(Path(name), args.shard_hours)
        one = Path(name) / "one"
        made = shards.write(cuts, one, 2 * args.shard_hours)
        cuts.to_file(Path(name) / "cuts.jsonl.gz")
        rows = [("in memory", args.shard_hours, _measured(None, Path(name) / "cuts.jsonl.gz", args.steps))]
        for hours in args.hours:
            folder = Path(name) / f"{hours}"
            repeat(one, made, folder, max(round(hours / args.shard_hours), 1))
            rows.append(("shards", hours, _measured(folder, None, args.steps)))
    print("| corpus | hours | peak memory over the libraries', MB | batches a second |\n| --- | --- | --- | --- |")
    for kind, hours, (memory_mb, rate) in rows:
        print(f"| {kind} | {hours:,g} | {memory_mb:.0f} | {rate:.0f} |")


def generate(folder: Path, hours: float) -> CutSet:
    """Prepared cuts of 10 s, of noise."""
    config, random, made = FeatureConfig(), np.random.default_rng(0), []
    writer, n_frames = NumpyFilesWriter(folder / "frames"), round(CUT_S * FeatureConfig().frame_rate)
    for i in range(round(hours * 3600 / CUT_S)):
        mel = random.normal(size=(n_frames, config.n_channels))
        contours = np.stack([np.full(n_frames, 5.0), np.ones(n_frames), np.full(n_frames, -20.0)], 1)
        label = SupervisionSegment(f"u{i}", f"u{i}", 0, CUT_S, speaker=f"s{i % SPEAKERS}")
        array = writer.store_array(
            f"u{i}", np.concatenate([mel, contours], 1).astype(np.float32), 1 / config.frame_rate, 0, 0
        )
        made.append(MonoCut(f"u{i}", 0, CUT_S, 0, [label]).with_custom("frames", array))
    return CutSet.from_cuts(made)


def repeat(one: Path, made: shards.Shards, folder: Path, n: int) -> None:
    """The one shard in `one` under `n` names."""
    folder.mkdir()
    for number in range(n):
        for name in ("cuts.{:06}.jsonl.gz", "frames.{:06}.tar"):
            os.symlink(one / name.format(0), folder / name.format(number))
    os.symlink(one / "units.npz", folder / "units.npz")
    said = replace(made, n_shards=n, utterances=n * made.utterances, frames=n * made.frames)
    (folder / "shards.json").write_text(json.dumps(asdict(said)))


def _measured(folder: Path | None, manifest: Path | None, steps: int) -> tuple[float, float]:
    with fresh(1) as pool:
        return pool.submit(_draw, folder, manifest, steps).result()


def _draw(folder: Path | None, manifest: Path | None, steps: int) -> tuple[float, float]:
    """Peak memory in MB over what libraries hold, and batches a second."""
    before = _peak_mb()
    if folder is not None:
        batches: ShardedBatches | TrainingBatches = ShardedBatches(folder, BATCH, FRAMES, REFERENCE, 0)
    else:
        cuts = CutSet.from_file(manifest).to_eager()
        batches = TrainingBatches(cuts, BATCH, FRAMES, REFERENCE, 0, 0, steps, [f"s{i}" for i in range(SPEAKERS)])
    begun = time.perf_counter()
    for step in range(steps):
        batches.batch(step)
    return _peak_mb() - before, steps / (time.perf_counter() - begun)


def _peak_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
