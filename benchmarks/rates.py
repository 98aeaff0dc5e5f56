"""What a large run is planned with: the speed of a core (`measure`, for benchmarks.plan), and the padding of batches.

    python -m benchmarks.rates --exp exp/mine --config egs/folder/conf/default.yaml

Prints the padding of a prepared corpus as a table in Markdown: windows have one length, and recordings may be shorter.
There is nothing to sort by duration: a recording that is longer than a window gives no padding, whatever else is in the
batch.
"""

import argparse
import csv
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lhotse import CutSet
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.command import printed
from benchmarks.training import batch_of, flops_per_step
from voicevae import audio, batch
from voicevae.data import shards
from voicevae.data.batches import CutSampler, FrameBank
from voicevae.data.prepare import load_cuts, prepare
from voicevae.data.sharded import ShardedBatches, ShardedVocoderBatches
from voicevae.features import extract
from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.config import RecipeConfig, load
from voicevae.training.run import Training
from voicevae.training.vae import VAETraining
from voicevae.training.vocoder import VocoderTraining

DRAWS = 20_000  # windows, to see how much of them is padding
SIZE, VISITS, COUNTED = 16, 3, 2  # windows of a batch that is read; shards read through; windows of a step counted


@dataclass(frozen=True)
class Stage:
    """A training. frames: of a window; flops: of a window, forward and backward; operations: that a step launches,
    forward and backward, however large; parameters: that have gradients; windows_s: read by a core in a second."""

    frames: int
    flops: float
    operations: int
    parameters: int
    windows_s: float


@dataclass(frozen=True)
class Rates:
    """prepared, sharded: hours of speech in an hour of a core; frames_mb, audio_mb: MB (10^6 bytes) of an hour of
    speech, in shards; manifest_kb: memory that an utterance's manifest takes; seconds: of speech measured with."""

    seconds: float
    prepared: float
    sharded: float
    frames_mb: float
    audio_mb: float
    manifest_kb: float
    stages: dict[str, Stage]


def measure(recordings: Path, config: RecipeConfig, n_files: int) -> Rates:
    """Prepare, shard and read `n_files` of the folder `recordings`, drawn at random and anew where it has fewer.

    Raises:
        AudioError: it holds no sound file. CorpusError: none that can be used.
    """
    features = config.features
    with tempfile.TemporaryDirectory() as name:
        corpus, exp, folder = Path(name) / "corpus", Path(name) / "exp", Path(name) / "shards"
        first = _choose(recordings, corpus, n_files)
        extract(audio.read(first, features.sample_rate), features)  # loads what is loaded once
        prepare_s = _spent(lambda: prepare(corpus, exp, features, workers=1))
        tracemalloc.start()
        cuts = load_cuts(exp / "data", "train")
        manifest_kb = tracemalloc.get_traced_memory()[0] / len(cuts) / 1e3
        tracemalloc.stop()
        shard_s = _spent(lambda: shards.write(cuts, folder, sample_rate=features.sample_rate))
        made, _ = shards.read(folder)
        seconds = made.frames / features.frame_rate
        kept = sum(path.stat().st_size for path in folder.glob("recording.*"))
        frames = sum(path.stat().st_size for path in folder.iterdir()) - kept
        stages = _stages(folder, config)
    hour = 3600 / seconds / 1e6
    return Rates(seconds, seconds / prepare_s, seconds / shard_s, frames * hour, kept * hour, manifest_kb, stages)


class Operations(TorchDispatchMode):
    """Counts what is launched, but for views, which launch nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.n = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.n += not func.is_view
        return func(*args, **(kwargs or {}))


def _stages(folder: Path, config: RecipeConfig) -> dict[str, Stage]:
    features, crop = config.features, config.vocoder_frames
    mel = torch.zeros(features.n_channels), torch.ones(features.n_channels)
    adversarial = replace(config.adversarial, warmup_steps=0)
    trained: dict[str, Training] = {
        "vae": VAETraining(features, config.model, config.elbo, config.vae_training),
        "vocoder": VocoderTraining(features, config.vocoder, config.vocoder_training, *mel),
        "vocoder_adversarial": AdversarialTraining(
            features, config.vocoder, adversarial, config.adversarial_training, *mel
        ),
    }
    speech = _windows_s(lambda: ShardedBatches(folder, SIZE, config.vae_frames, config.vae_reference_frames, 0))
    sounds = _windows_s(lambda: ShardedVocoderBatches(folder, SIZE, crop, features.hop_length, features.sample_rate, 0))
    flops, made = flops_per_step(config), {}
    for name, module in trained.items():
        size, counter = module.training_config.batch_size, Operations()
        with counter:
            module.losses(batch_of(config, name, COUNTED))[0].backward()
        parameters = sum(p.numel() for p in module.parameters() if p.requires_grad)
        frames, rate = (config.vae_frames, speech) if name == "vae" else (crop, sounds)
        made[name] = Stage(frames, flops[name] / size, counter.n, parameters, rate)
    return made


def _windows_s(make: Callable[[], ShardedBatches | ShardedVocoderBatches]) -> float:
    def read() -> None:
        for _ in range(VISITS):
            batches = make()
            for step in range(batches.steps_per_shard):
                batches.batch(step)

    return VISITS * make().steps_per_shard * SIZE / _spent(read)


def _choose(recordings: Path, corpus: Path, n_files: int) -> Path:
    """Links to files in `corpus`, with a list that says that all are trained on; the first of them."""
    found = sorted(batch.files([recordings])[0])
    chosen, rows = random.Random(0).sample(found, len(found)), []
    corpus.mkdir()
    for i in range(n_files):
        path = chosen[i % len(chosen)].resolve()
        (corpus / f"u{i}{path.suffix}").symlink_to(path)
        rows.append({"utt_id": f"u{i}", "speaker": f"s{i % 10}", "path": f"u{i}{path.suffix}", "split": "train"})
    with open(corpus / "metadata.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return chosen[0]


def _spent(work: Callable[[], object]) -> float:
    """Processor time of all threads, seconds."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def padded(length: np.ndarray, n_frames: int) -> float:
    """Share of padding in windows of `n_frames`, one in each of recordings of `length` frames `[B]`."""
    return float(np.maximum(n_frames - length, 0).mean() / n_frames)


def padding_table(cuts: CutSet, told: RecipeConfig) -> str:
    """Padding in the windows that training draws, in Markdown."""
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--config", type=Path, help="YAML file of a recipe (default: the defaults)")
    args = parser.parse_args()
    return printed(lambda: padding_table(load_cuts(args.exp / "data", "train"), load(args.config)))


if __name__ == "__main__":
    sys.exit(main())
