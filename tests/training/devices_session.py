"""What test_devices.py has two processes do, in one session, for to start them takes longest.

    python -m tests.training.devices_session --exp <exp> --config <yaml> --devices 2

Leaves what it found in `<exp>/found`, and ends in a training that does not.
"""

import os
import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from tests.training.experiment import CONFIG
from voicevae.recipes import command
from voicevae.training import speech, stages
from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.config import RecipeConfig
from voicevae.training.devices import JointDraws, ranks
from voicevae.training.run import Training, fit
from voicevae.training.settings import TrainingError
from voicevae.training.vae import VAETraining
from voicevae.training.vocoder import VocoderTraining

PLAN = replace(CONFIG.vae_training, max_steps=4, batch_size=4, checkpoint_steps=2)
CASES = replace(
    CONFIG,
    elbo=replace(CONFIG.elbo, converted=0.0),  # self-conversions pair items of one device
    vae_training=PLAN,
    vocoder_training=replace(PLAN),
    vae_frames=32,
    vae_reference_frames=32,
    vocoder_frames=24,
)
KINDS = ("vae", "vocoder", "adversarial")


def session(exp: Path, config: Path | None, resume: bool, devices: int, nodes: int, minutes: float | None) -> None:
    found = exp / "found"
    found.mkdir(exist_ok=True)
    train(exp, found / "by_two", devices=devices)
    train(exp, found / "one_then_two", resume=True, devices=devices)
    gradients = {kind: gradient(exp, kind) for kind in KINDS}
    rank = torch.distributed.get_rank()
    torch.save(gradients, found / f"gradients_{rank}.pt")
    try:
        train(exp, found / "poisoned", devices=devices, poisoned=1)
    except (TrainingError, SystemExit) as error:
        (found / f"poisoned_{rank}.txt").write_text(f"{type(error).__name__}: {error}")
    (found / f"pid_{rank}").write_text(str(os.getpid()))
    stages.train_vae(exp, config, resume, devices, nodes)


class KeepMiddle(Callback):
    """Puts aside what was saved in `folder` at step 2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        if trainer.global_step == 3 and trainer.is_global_zero:
            shutil.copy(self.folder / "last.ckpt", self.folder / "middle.ckpt")


class Poisoned:
    """Batches of which one rank's part is not finite at step 1."""

    def __init__(self, batches: Any, poisoned: int) -> None:
        self.batches, self.poisoned = batches, poisoned

    def divide(self, rank: int, ranks: int) -> None:
        self.rank = rank
        self.batches.divide(rank, ranks)

    def batch(self, step: int) -> dict[str, Tensor]:
        batch = self.batches.batch(step)
        if step == 1 and self.rank == self.poisoned:
            batch["frames"][0, 0, 0] = float("nan")
        return batch


def train(exp: Path, folder: Path, resume: bool = False, devices: int = 1, poisoned: int | None = None) -> None:
    """The VAE for four steps, always with the same first weights."""
    module, batches = made(exp, "vae")
    given = batches if poisoned is None else Poisoned(batches, poisoned)
    fit(module, given, folder, resume, [KeepMiddle(folder)], devices)


def made(exp: Path, kind: str, config: RecipeConfig = CASES) -> tuple[Training, Any]:
    """A fresh training and its batches."""
    torch.manual_seed(0)
    if kind == "vae":
        data = speech.read(exp, config)
        module: Training = VAETraining(config.features, config.model, config.elbo, config.vae_training)
        for name, values in vars(data.normalisation).items():
            getattr(module.model, name).copy_(torch.from_numpy(values))
        return module, data.batches
    sound = speech.read_sound(exp, config.features, config.vocoder_training, config.vocoder_frames)
    mean, std = torch.from_numpy(sound.mel_mean), torch.from_numpy(sound.mel_std)
    if kind == "vocoder":
        return VocoderTraining(config.features, config.vocoder, PLAN, mean, std), sound.batches
    adversarial = replace(config.adversarial, warmup_steps=0, shifted=0.6)
    return AdversarialTraining(config.features, config.vocoder, adversarial, PLAN, mean, std), sound.batches


def gradient(exp: Path, kind: str) -> dict[str, Tensor]:
    """Of one step with a batch of four, by one process or, as their mean, by two.

    The halves differ in what losses are divided by: how many frames count, how loud they are, and who is known.
    """
    module, batches = made(exp, kind)
    for parameter in module.parameters():  # beyond what begins as zeros
        parameter.data += 0.02 * torch.randn_like(parameter)
    batch = batches.batch(3)
    batch["mask"][0, 10:] = 0
    if kind == "vae":
        batch["speaker"][2:] = -1
    else:
        batch["wave"][0] *= 0.01
        # Logarithms of spectra amplify rounding, which differs with the size of a batch.
        module, batch = module.double(), {name: value.double() for name, value in batch.items()}
    wrapped: nn.Module = _Loss(module)
    if ranks() > 1:
        size, rank = 4 // ranks(), torch.distributed.get_rank()
        batch = {name: value[rank * size : (rank + 1) * size] for name, value in batch.items()}
        wrapped = DistributedDataParallel(wrapped)
    torch.manual_seed(1)
    with patch.object(Training, "global_step", 10_000):  # after all warm-ups
        wrapped(batch).backward()
    return {name: p.grad for name, p in module.named_parameters() if p.grad is not None}


class _Loss(nn.Module):
    def __init__(self, module: Training) -> None:
        super().__init__()
        self.module = module

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        with nullcontext() if ranks() == 1 else JointDraws(len(batch["frames"])):
            return self.module.losses(batch)[0]


if __name__ == "__main__":
    command.train(__doc__, session)
