"""The plan of a large run: shards, disk, hours of preparing and of training, cost, and what each step waits for.

    python -m benchmarks.plan --hours 10000 --gpus 8 64 --corpus recordings/

Measures what a core of this machine does (`benchmarks.rates`), counts the work of a step (`benchmarks.training`), and
assumes the rest, above all what a GPU does: every assumption is an option, and printed. Prints Markdown.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.command import printed
from benchmarks.rates import Rates, Stage, measure
from voicevae.training.config import load

VOICES = Path(__file__).parents[1] / "voicevae" / "pretrained" / "default" / "voices"
NAMES = {"vae": "VAE", "vocoder": "vocoder", "vocoder_adversarial": "vocoder, adversarial"}


@dataclass(frozen=True)
class Assumed:
    """What nothing here measures."""

    tflops: float = 20.0  # sustained by a GPU
    launch_us: float = 10.0  # of its process, for each operation
    link_gbit: float = 100.0  # between GPUs, a second
    batch: int = 64  # windows of a GPU
    vae_passes: float = 3.0  # through the corpus
    vocoder_passes: float = 0.5
    adversarial_passes: float = 0.5
    utterance_s: float = 10.0
    shard_hours: float = 1.0
    cores: int = 8  # beside each GPU
    gpu_price: float = 2.0  # of an hour
    core_price: float = 0.05


UNITS = {
    "tflops": "TFLOP/s that a GPU sustains in these networks",
    "launch_us": "microseconds of a process for an operation that it launches",
    "link_gbit": "Gbit/s of the slowest link between GPUs",
    "batch": "windows in a step of a GPU",
    "vae_passes": "passes of the VAE through the corpus",
    "vocoder_passes": "passes of the vocoder",
    "adversarial_passes": "passes of its adversarial stage",
    "utterance_s": "seconds of an utterance",
    "shard_hours": "hours of speech in a shard",
    "cores": "cores beside each GPU, which prepare the corpus",
    "gpu_price": "price of a GPU for an hour",
    "core_price": "price of a core for an hour",
}


@dataclass(frozen=True)
class Step:
    """Seconds of the parts of a step on one GPU of many, all of the same batch."""

    reading: float
    launching: float
    arithmetic: float
    gradients: float

    @property
    def seconds(self) -> float:
        """A process reads, then launches, while its GPU works off what is launched; gradients are shared at the end."""
        return max(self.reading + self.launching, self.arithmetic) + self.gradients

    @property
    def longest(self) -> str:
        """The part that takes longest, by name."""
        parts = asdict(self)
        return max(parts, key=lambda name: parts[name])


def step_of(stage: Stage, assumed: Assumed, n_gpus: int) -> Step:
    """The parts of a step. Gradients of 4 bytes go around a ring: 2 (n - 1) / n times each."""
    ring_bytes = 2 * (n_gpus - 1) / n_gpus * 4 * stage.parameters
    return Step(
        assumed.batch / stage.windows_s,
        stage.operations * assumed.launch_us * 1e-6,
        assumed.batch * stage.flops / (assumed.tflops * 1e12),
        ring_bytes / (assumed.link_gbit * 1e9 / 8),
    )


def enough_tflops(step: Step, assumed: Assumed) -> float:
    """TFLOP/s above which the process is waited for, and not its GPU."""
    return assumed.tflops * step.arithmetic / (step.reading + step.launching)


def steps_of(stage: Stage, assumed: Assumed, passes: float, hours: float, frame_rate: float, n_gpus: int) -> float:
    """How many steps cover the corpus `passes` times with windows side by side."""
    return passes * hours * 3600 * frame_rate / stage.frames / (assumed.batch * n_gpus)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the plan; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=10_000, help="of speech (default 10000)")
    parser.add_argument("--gpus", type=int, nargs="+", default=[8, 64], help="how many, for a plan each (default 8 64)")
    parser.add_argument(
        "--corpus", type=Path, default=VOICES, help="recordings to measure with (default: the bundle's)"
    )
    parser.add_argument("--files", type=int, default=40, help="of them, drawn at random (default 40)")
    parser.add_argument("--config", type=Path, help="YAML file of a recipe (default: the defaults)")
    for name, value in asdict(Assumed()).items():
        said = f"assumed {UNITS[name]} (default {value:g})"
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value, help=said)
    args = parser.parse_args(argv)
    assumed = Assumed(**{name: getattr(args, name) for name in asdict(Assumed())})
    return printed(lambda: _planned(args, assumed))


def _planned(args: argparse.Namespace, assumed: Assumed) -> str:
    torch.set_num_threads(1)
    config = load(args.config)
    rates = measure(args.corpus, config, args.files)
    return text(rates, assumed, args.hours, args.gpus, config.features.frame_rate)


def text(rates: Rates, assumed: Assumed, hours: float, gpus: Sequence[int], frame_rate: float) -> str:
    """What is measured, what is assumed, and what follows, in Markdown."""
    corpus = _table(["", ""], [[name, value] for name, value in _corpus(rates, assumed, hours).items()])
    columns = [_column(rates, assumed, hours, frame_rate, n) for n in gpus]
    plan = [[name, *(column[name] for column in columns)] for name in columns[0]]
    parts = [
        "**Measured here**, a core's processor time",
        _table(["", ""], _measured(rates)),
        "**Counted** of a training",
        _table(["", *(NAMES[name] for name in rates.stages)], _counted(rates)),
        "**Assumed**, each an option",
        _table(
            ["option", "", ""], [[f"`--{k.replace('_', '-')}`", f"{v:g}", UNITS[k]] for k, v in vars(assumed).items()]
        ),
        f"**{hours:,g} hours of speech**",
        corpus,
        "**Training**",
        _table(["", *(f"{n} GPUs" for n in gpus)], plan),
    ]
    return "\n\n".join(parts)


def _measured(rates: Rates) -> list[list[str]]:
    return [
        ["recordings", f"{rates.seconds / 60:.1f} minutes"],
        ["preparing", f"{rates.prepared:.0f} hours of speech in an hour of a core"],
        ["writing shards", f"{rates.sharded:.0f} hours of speech in an hour of a core"],
        ["frames", f"{rates.frames_mb:.0f} MB an hour of speech"],
        ["recordings as FLAC, in shards", f"{rates.audio_mb:.0f} MB an hour of speech"],
        ["an utterance's manifest, in memory", f"{rates.manifest_kb:.1f} kB"],
    ]


def _counted(rates: Rates) -> list[list[str]]:
    stages = rates.stages.values()
    return [
        ["window, frames", *(f"{s.frames}" for s in stages)],
        ["parameters", *(f"{s.parameters / 1e6:.1f} M" for s in stages)],
        ["GFLOP a window", *(f"{s.flops / 1e9:.2f}" for s in stages)],
        ["operations a step", *(f"{s.operations:,}" for s in stages)],
        ["windows that a core reads in a second (measured)", *(f"{s.windows_s:,.0f}" for s in stages)],
    ]


def _corpus(rates: Rates, assumed: Assumed, hours: float) -> dict[str, str]:
    utterances = hours * 3600 / assumed.utterance_s
    frames_tb, audio_tb = rates.frames_mb * hours / 1e6, rates.audio_mb * hours / 1e6
    core_hours = hours / rates.prepared + hours / rates.sharded
    return {
        "shards": f"{hours / assumed.shard_hours:,.0f}",
        "prepared frames": f"{frames_tb:.2f} TB, beside the shards until the bundle is calibrated",
        "shards: frames and recordings": f"{frames_tb + audio_tb:.2f} TB",
        "utterances": f"{utterances / 1e6:.1f} M, whose manifests take {utterances * rates.manifest_kb / 1e6:.0f} GB "
        "of memory while preparing and writing shards, at least",
        "preparing and writing shards": f"{core_hours:,.0f} hours of a core, {core_hours * assumed.core_price:,.0f}",
    }


def _column(rates: Rates, assumed: Assumed, hours: float, frame_rate: float, n_gpus: int) -> dict[str, str]:
    """The plan with `n_gpus`."""
    core_hours = hours / rates.prepared + hours / rates.sharded
    made = {
        "shards of a GPU": f"{hours / assumed.shard_hours / n_gpus:,.0f}",
        "hours of preparing": f"{core_hours / (assumed.cores * n_gpus):,.1f}",
    }
    passes = (assumed.vae_passes, assumed.vocoder_passes, assumed.adversarial_passes)
    total = 0.0
    for (name, stage), n_passes in zip(rates.stages.items(), passes, strict=True):
        step, n_steps = step_of(stage, assumed, n_gpus), steps_of(stage, assumed, n_passes, hours, frame_rate, n_gpus)
        total += n_steps * step.seconds / 3600
        shown = ", ".join(f"{part} {1e3 * seconds:.0f}" for part, seconds in asdict(step).items())
        made |= {
            f"{NAMES[name]}: steps": f"{n_steps:,.0f}",
            f"{NAMES[name]}: a step, ms": f"{1e3 * step.seconds:.0f} ({shown})",
            f"{NAMES[name]}: longest": step.longest,
            f"{NAMES[name]}: TFLOP/s from which on it waits for no GPU": f"{enough_tflops(step, assumed):.2g}",
            f"{NAMES[name]}: hours": f"{n_steps * step.seconds / 3600:,.2f}",
        }
    price = total * n_gpus * assumed.gpu_price
    made["all trainings, hours"] = f"{total:,.2f}"
    made["GPU hours"] = f"{total * n_gpus:,.0f}"
    made["price, preparing included"] = f"{price + core_hours * assumed.core_price:,.0f}"
    return made


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
