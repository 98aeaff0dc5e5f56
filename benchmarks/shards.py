"""Memory and speed of batches from shards, against the hours of the corpus, for the VAE and for the vocoder.

    OMP_NUM_THREADS=1 python -m benchmarks.shards --hours 1 100 10000

One shard of made-up frames and noise is written, and stands under as many names as there are to be shards; a corpus in
memory, as long as a shard, stands beside it. Every figure is of a fresh process: its peak of memory, and the windows
that it draws in a second of processor time, reading of the shards included. Prints a table in Markdown.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import soundfile as sf
from lhotse import AudioSource, CutSet, MonoCut, NumpyFilesWriter, Recording, SupervisionSegment

from benchmarks.processes import fresh
from voicevae.data import shards
from voicevae.data.batches import TrainingBatches, VocoderBatches
from voicevae.data.sharded import ShardedBatches, ShardedVocoderBatches
from voicevae.training.config import RecipeConfig

CUT_S, SPEAKERS = 10.0, 30
CONFIG = RecipeConfig()
KINDS = ("VAE", "vocoder")


@dataclass(frozen=True)
class Drawn:
    """Peak memory in MB over what libraries hold, and windows a second of processor time."""

    memory_mb: float
    windows_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", nargs="+", type=int, default=[1, 100, 10_000], help="default 1 100 10000")
    parser.add_argument("--shard-hours", type=float, default=1.0, help="default 1")
    parser.add_argument("--visits", type=int, default=3, help="shards that are read through (default 3)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cuts, one, manifest = generate(Path(name), args.shard_hours), Path(name) / "one", Path(name) / "cuts.jsonl.gz"
        made = shards.write(cuts, one, 2 * args.shard_hours, sample_rate=CONFIG.features.sample_rate)
        cuts.to_file(manifest)
        places = [("in memory", args.shard_hours, manifest)]
        for hours in args.hours:
            folder = Path(name) / f"{hours}"
            repeat(one, made, folder, max(round(hours / args.shard_hours), 1))
            places.append(("shards", hours, folder))
        print("| batches of | corpus | hours | peak memory over the libraries', MB | windows a second |")
        print("| --- | --- | --- | --- | --- |")
        for kind in KINDS:
            for corpus, hours, place in places:
                found = draw(kind, place, args.visits)
                print(f"| {kind} | {corpus} | {hours:,g} | {found.memory_mb:.0f} | {found.windows_s:,.0f} |")


def generate(folder: Path, hours: float) -> CutSet:
    """Prepared cuts of 10 s, of noise."""
    config, random, made = CONFIG.features, np.random.default_rng(0), []
    writer, n_frames = NumpyFilesWriter(folder / "frames"), round(CUT_S * config.frame_rate)
    n_samples = round(CUT_S * config.sample_rate) - 1
    sf.write(folder / "noise.wav", 0.02 * random.normal(size=n_samples), config.sample_rate)
    source = AudioSource("file", [0], str(folder / "noise.wav"))
    for i in range(round(hours * 3600 / CUT_S)):
        mel = random.normal(size=(n_frames, config.n_channels))
        contours = np.stack([np.full(n_frames, 5.0), np.ones(n_frames), np.full(n_frames, -20.0)], 1)
        label = SupervisionSegment(f"u{i}", f"u{i}", 0, CUT_S, speaker=f"s{i % SPEAKERS}")
        array = writer.store_array(
            f"u{i}", np.concatenate([mel, contours], 1).astype(np.float32), 1 / config.frame_rate, 0, 0
        )
        recording = Recording(f"u{i}", [source], config.sample_rate, n_samples, n_samples / config.sample_rate)
        made.append(MonoCut(f"u{i}", 0, CUT_S, 0, [label], recording=recording).with_custom("frames", array))
    return CutSet.from_cuts(made)


def repeat(one: Path, made: shards.Shards, folder: Path, n: int) -> None:
    """The one shard in `one` under `n` names."""
    folder.mkdir()
    for number in range(n):
        for name in ("cuts.{:06}.jsonl.gz", "frames.{:06}.tar", "recording.{:06}.tar"):
            os.symlink(one / name.format(0), folder / name.format(number))
    os.symlink(one / "normalisation.npz", folder / "normalisation.npz")
    said = replace(made, n_shards=n, utterances=n * made.utterances, frames=n * made.frames)
    (folder / "shards.json").write_text(json.dumps(asdict(said)))


def draw(kind: str, place: Path, visits: int) -> Drawn:
    """As many batches of a `KINDS` as read `visits` shards through, from shards in the folder `place`, or from a corpus
    in memory whose manifest it is."""
    with fresh(1) as pool:
        return pool.submit(_draw, kind, place, visits).result()


def _draw(kind: str, place: Path, visits: int) -> Drawn:
    before, batches = _peak_mb(), _sharded(kind, place) if place.is_dir() else _held(kind, place)
    if isinstance(batches, ShardedBatches | ShardedVocoderBatches):
        stay = batches.steps_per_shard
    else:
        stay = max(len(batches.bank.frames) // (batches.batch_size * batches.n_frames), 1)
    begun = time.process_time()
    for step in range(visits * stay):
        batches.batch(step)
    spent_s = time.process_time() - begun
    return Drawn(_peak_mb() - before, visits * stay * batches.batch_size / spent_s)


def _sharded(kind: str, folder: Path) -> ShardedBatches | ShardedVocoderBatches:
    size = CONFIG.vae_training.batch_size
    if kind == KINDS[0]:
        return ShardedBatches(folder, size, CONFIG.vae_frames, CONFIG.vae_reference_frames, 0)
    features = CONFIG.features
    return ShardedVocoderBatches(folder, size, CONFIG.vocoder_frames, features.hop_length, features.sample_rate, 0)


def _held(kind: str, manifest: Path) -> TrainingBatches | VocoderBatches:
    cuts, size = CutSet.from_file(manifest).to_eager(), CONFIG.vae_training.batch_size
    if kind == KINDS[0]:
        speakers = [f"s{i}" for i in range(SPEAKERS)]
        return TrainingBatches(cuts, size, CONFIG.vae_frames, CONFIG.vae_reference_frames, 0, 0, 0, speakers)
    features = CONFIG.features
    return VocoderBatches(cuts, size, CONFIG.vocoder_frames, features.hop_length, features.sample_rate, 0, 0, 0)


def _peak_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
