"""Speed of the trainings: steps and windows of speech a second, and the work in a step.

    python -m benchmarks.training --steps 30

Trains on made-up frames as the recipes do, with all that a run does between its steps but reading the corpus. A second
on a CPU is of the processor, over its threads, so that nothing else counts. The floating-point operations are those of
matrix products and convolutions, forward and backward (torch.utils.flop_counter); Fourier transforms and what is done
element by element are left out. Prints a table in Markdown.
"""

import argparse
import logging
import math
import tempfile
import time
import warnings
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.config import RecipeConfig, load
from voicevae.training.run import Training, fit
from voicevae.training.settings import TrainingConfig
from voicevae.training.vae import VAETraining
from voicevae.training.vocoder import VocoderTraining

FIRST = 2  # steps that are not timed: memory is found
COUNTED = 2  # items of the batch whose work is counted; the work of a batch is in proportion
TRAININGS = ("vae", "vocoder")
FP32, BF16 = {"precision": "32-true"}, {"precision": "bf16-mixed"}
KINDS: dict[str, dict[str, Any]] = {
    "fp32": FP32,
    "bf16": BF16,
    "fp32, compiled": FP32 | {"compile": True},
    "bf16, compiled": BF16 | {"compile": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, help="YAML file of a recipe (default: the defaults)")
    parser.add_argument("--steps", type=int, default=30, help="that are timed (default 30)")
    parser.add_argument("--trainings", nargs="+", choices=TRAININGS, default=list(TRAININGS), help="default both")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="of arithmetic (default all)")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    config = load(args.config)
    flops = flops_per_step(config)
    rows = []
    for name in args.trainings:
        for kind in args.kinds:
            rate = steps_per_second(config, name, args.steps, KINDS[kind])
            size = _plan(config, name).batch_size
            rows.append(f"| {name} | {kind} | {size} | {rate:.3g} | {rate * size:.3g} | {flops[name] / 1e9:.3g} |")
    print(f"{_device()}, {torch.get_num_threads()} thread(s), torch {torch.__version__}.\n")
    print("| training | arithmetic | batch | steps a second | windows a second | GFLOP a step |")
    print("\n".join(["| --- | --- | --- | --- | --- | --- |", *rows]))


def flops_per_step(config: RecipeConfig) -> dict[str, float]:
    """Floating-point operations of a step of the whole batch, forward and backward, of each training that `config` has:
    "vae", "vocoder" and "vocoder_adversarial". A multiplication and an addition are two."""
    return {name: _flops(config, name) for name in ("vae", "vocoder", "vocoder_adversarial")}


def steps_per_second(config: RecipeConfig, name: str, steps: int, changed: dict[str, Any]) -> float:
    """Median speed of the training `name` over `steps`, with some of its configuration `changed`."""
    training = replace(_plan(config, name), max_steps=FIRST + steps, checkpoint_steps=FIRST + steps + 1, **changed)
    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder:
        fit(
            _module(config, name, training),
            _Same(batch_of(config, name, training.batch_size)),
            Path(folder),
            False,
            [clock],
        )
    return 1 / median(after - before for before, after in pairwise(clock.times[FIRST - 1 :]))


def batch_of(config: RecipeConfig, name: str, size: int) -> dict[str, Tensor]:
    """A batch of `size` made-up windows for the training `name`, with the shapes that a corpus gives."""
    random = torch.Generator().manual_seed(0)
    channels, hop = config.features.n_channels, config.features.hop_length
    if name != "vae":
        n = config.vocoder_frames
        wave = 0.1 * torch.randn(size, n * hop, generator=random)
        return {"frames": _frames(size, n, channels, random), "wave": wave, "mask": torch.ones(size, n)}
    whole = {"frames": (config.vae_frames, "mask"), "reference": (config.vae_reference_frames, "reference_mask")}
    batch = {"speaker": torch.zeros(size, dtype=torch.int64)}
    for key, (n, mask) in whole.items():
        batch |= {key: _frames(size, n, channels, random), mask: torch.ones(size, n)}
    for role in ("source", "reference"):
        batch |= {
            f"{role}_log_f0_mean": torch.full((size,), 5.0),
            f"{role}_log_f0_std": torch.full((size,), 0.2),
            f"{role}_loudness_max_db": torch.full((size,), -20.0),
            f"{role}_mel_mean": torch.zeros(size, channels),
            f"{role}_mel_std": torch.ones(size, channels),
            f"{role}_transport": torch.eye(channels).expand(size, -1, -1).contiguous(),
        }
    return batch


class _Same:
    """One batch in every step."""

    def __init__(self, held: dict[str, Tensor]) -> None:
        self.held = held

    def batch(self, step: int) -> dict[str, Tensor]:
        return self.held


class _Clock(Callback):
    """When each step ended, in seconds; on a CPU of the processor, over its threads, so that nothing else counts."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_train_batch_end(self, *_: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
            self.times.append(time.perf_counter())
        else:
            self.times.append(time.process_time() / torch.get_num_threads())


def _frames(size: int, n: int, channels: int, random: torch.Generator) -> Tensor:
    """Voiced at 150 Hz, at -20 dB, in a mel of noise."""
    contours = torch.tensor([5.0, 1.0, -20.0]).expand(size, n, -1)
    return torch.cat([torch.randn(size, n, channels, generator=random), contours], -1)


def _flops(config: RecipeConfig, name: str) -> float:
    torch.manual_seed(0)
    module, counter = (
        _module(config, name, _plan(config, name)),
        FlopCounterMode(display=False, custom_mapping={torch.ops.aten.convolution_backward: _convolution_backward}),
    )
    with counter:
        loss, _ = module.losses(batch_of(config, name, COUNTED))
        loss.backward()
    return counter.get_total_flops() * _plan(config, name).batch_size / COUNTED


def _convolution_backward(out: Any, enter: Any, weight: Any, *others: Any, **_: Any) -> int:
    # Each gradient costs what the way forward did. torch's own count takes grouped convolutions for full ones.
    return 2 * math.prod(out) * math.prod(weight[1:]) * sum(others[-1][:2])


def _plan(config: RecipeConfig, name: str) -> TrainingConfig:
    plans = {"vae": config.vae_training, "vocoder": config.vocoder_training}
    return plans.get(name, config.adversarial_training)


def _module(config: RecipeConfig, name: str, training: TrainingConfig) -> Training:
    if name == "vae":
        return VAETraining(config.features, config.model, config.elbo, training)
    mean, std = torch.zeros(config.features.n_channels), torch.ones(config.features.n_channels)
    if name == "vocoder":
        return VocoderTraining(config.features, config.vocoder, training, mean, std)
    adversarial = replace(config.adversarial, warmup_steps=0)
    return AdversarialTraining(config.features, config.vocoder, adversarial, training, mean, std)


def _device() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "CPU")


if __name__ == "__main__":
    main()
