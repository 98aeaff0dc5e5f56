"""Training with Lightning, and exact resuming."""

import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
    TQDMProgressBar,
)
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.plugins.io import TorchCheckpointIO
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from voicevae.errors import VoiceVAEError
from voicevae.models.blocks import Stack
from voicevae.training.devices import JointDraws, joint, ranks
from voicevae.training.liveness import Liveness
from voicevae.training.nan_guard import NaNGuard
from voicevae.training.settings import TrainingConfig, TrainingError
from voicevae.training.watch import Watch


@dataclass
class Samples:
    """What to look at and listen to while training: log-mels `[T, n_mels]` and waves `[n]`, by name."""

    mels: dict[str, Tensor]
    waves: dict[str, Tensor]
    sample_rate: int


class Training(lightning.LightningModule):
    """What all trainings share: the optimiser, its schedule, and one random state a step."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self.training_config = config
        self.trained_s = 0.0  # in steps, of this run and those that it resumes

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and every part of it by name."""
        raise NotImplementedError

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        """Mels and waves of `batch` to inspect."""
        raise NotImplementedError

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        # A step's randomness depends on the seed and the step alone, so that resuming is exact.
        torch.manual_seed(self.training_config.seed * 1_000_003 + self.global_step)
        self._step_began = time.monotonic()

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        self.trained_s += time.monotonic() - self._step_began
        if self.training_config.minutes and self.share_done() >= 1:
            self.trainer.should_stop = True

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["trained_s"] = self.trained_s

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.trained_s = checkpoint.get("trained_s", 0.0)

    def share_done(self, step: int | None = None) -> float:
        """Of the training, 0 to 1: of its minutes if it has any, else of its steps."""
        config = self.training_config
        if config.minutes:
            return min(self.trained_s / (60 * config.minutes), 1.0)
        return min((self.global_step if step is None else step) / config.max_steps, 1.0)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        with nullcontext() if ranks() == 1 else JointDraws(len(next(iter(batch.values())))):
            loss, parts = self.losses(batch)
        shown = {"loss": loss.detach(), **{f"train/{name}": value.detach() for name, value in parts.items()}}
        if ranks() > 1:
            shown = dict(zip(shown, joint(torch.stack([value.float() for value in shown.values()])), strict=True))
        self.log("loss", shown.pop("loss"), prog_bar=True)
        self.log_dict(shown)
        return loss

    def configure_optimizers(self) -> Any:
        config = self.training_config
        optimizer = torch.optim.AdamW(self.parameters(), config.learning_rate, betas=(0.9, 0.98), weight_decay=1e-2)

        def schedule(step: int) -> float:
            warm = min(1.0, (step + 1) / max(config.warmup_steps, 1))
            cosine = 0.5 * (1 + math.cos(math.pi * self.share_done(step)))
            return warm * (config.final_learning_rate + (1 - config.final_learning_rate) * cosine)

        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


class ShowSamples(Callback):
    """Writes mels as pictures and waves as sound to TensorBoard, each time that a checkpoint is written."""

    @torch.no_grad()
    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        step = trainer.global_step
        if step % module.training_config.checkpoint_steps or not trainer.is_global_zero:
            return
        shown, board = module.samples(batch), trainer.logger.experiment
        for name, mel in shown.mels.items():
            picture = (mel.float() - mel.min()) / (mel.max() - mel.min()).clamp_min(1e-6)
            board.add_image(f"mel/{name}", picture.T.flip(0)[None], step)
        for name, wave in shown.waves.items():
            peak = wave.abs().max().clamp_min(1e-6)
            board.add_audio(f"sound/{name}", (wave.float() / peak)[None], step, shown.sample_rate)


class _CheckpointFiles(TorchCheckpointIO):
    """Written aside, then renamed, and never unpickled.

    Lightning's own writes to the system's temporary folder, from which a move may be a copy.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        aside = Path(f"{path}.part")
        torch.save(checkpoint, aside)
        os.replace(aside, path)

    def load_checkpoint(self, path: Any, map_location: Any = "cpu", weights_only: bool | None = True) -> dict[str, Any]:
        return torch.load(path, map_location, weights_only=True)


class _From(IterableDataset):
    """The batches from the trainer's step on."""

    def __init__(self, batches: Any, module: lightning.LightningModule) -> None:
        self.batches, self.module = batches, module

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        step = self.module.global_step
        while True:
            yield self.batches.batch(step)
            step += 1


def check_divides(config: TrainingConfig, devices: int) -> None:
    """Raise TrainingError unless all `devices` can have equal parts of a batch."""
    if config.batch_size % devices:
        raise TrainingError(
            f"batch_size {config.batch_size} does not divide by {devices} devices; give a multiple of {devices}, or "
            "another number of devices."
        )


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint in `folder`."""
    path = folder / "last.ckpt"
    return path if path.exists() else None


def fit(
    module: Training,
    batches: Any,
    folder: Path,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
    devices: int = 1,
    nodes: int = 1,
) -> None:
    """Train `module` up to its configuration's `max_steps`, with checkpoints and TensorBoard logs in `folder`.

    Args:
        batches: gives `batch(step)`, a pure function of the step; for several processes, `divide(rank, ranks)` makes it
            give only the part of each batch that is of one.
        resume: go on from `folder / "last.ckpt"` if it is there.
        callbacks: more of Lightning's, beside those that every training has.
        devices, nodes: how many devices (on CPUs: processes) of each of how many machines share each batch. Lightning
            starts the processes of this machine, but under torchrun and SLURM, which start all.

    Raises:
        TrainingError: a loss or a gradient is not finite, the devices are not there, or cannot share a batch equally.
    """
    config = module.training_config
    alive = Liveness()
    trainer = _trainer(config, folder, [*callbacks, alive], devices, nodes)
    if trainer.world_size > 1:
        batches.divide(trainer.global_rank, trainer.world_size)
    if config.compile:
        for part in module.modules():
            if isinstance(part, Stack):
                part.compile()
    loader = DataLoader(_From(batches, module), batch_size=None)
    try:
        trainer.fit(module, loader, ckpt_path=last_checkpoint(folder) if resume else None)
        trainer.save_checkpoint(folder / "last.ckpt")
    except TrainingError:
        if trainer.is_global_zero:
            raise
        sys.exit()  # rank zero prints the message for all
    except VoiceVAEError:
        raise
    except Exception:
        alive.echo()
        raise


def _trainer(
    config: TrainingConfig, folder: Path, callbacks: Sequence[Callback], devices: int, nodes: int
) -> lightning.Trainer:
    """Lightning's, which finds out where it runs."""
    together = devices * nodes
    check_divides(config, together)
    started = int(os.environ.get("WORLD_SIZE", together))
    if started > together:
        raise TrainingError(
            f"{started} processes have been started, by torchrun or the like, for {devices} devices on each of {nodes} "
            "nodes; say with --devices and --nodes what they were started for."
        )
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints = ModelCheckpoint(
        folder,
        every_n_train_steps=config.checkpoint_steps,
        save_last=True,
        save_top_k=0,
        enable_version_counter=False,  # always last.ckpt, also where the folder was moved or the run begun anew
    )
    try:
        return lightning.Trainer(
            accelerator="auto",
            devices=devices,
            num_nodes=nodes,
            precision=config.precision,  # type: ignore[arg-type]
            max_steps=config.max_steps,
            max_epochs=-1,
            gradient_clip_val=config.gradient_clip,
            log_every_n_steps=config.log_steps,
            logger=TensorBoardLogger(folder, name="log", version=""),
            callbacks=[
                EMAWeightAveraging(decay=config.ema_decay),
                NaNGuard(folder),
                Watch(folder),
                ShowSamples(),
                checkpoints,
                LearningRateMonitor("step"),
                TQDMProgressBar(refresh_rate=config.log_steps),
                *callbacks,
            ],
            enable_model_summary=False,
            plugins=[_CheckpointFiles()],
        )
    except (MisconfigurationException, ValueError) as error:
        if together == 1:
            raise
        reason = " ".join(str(error).split()).rstrip(".")
        raise TrainingError(f"{devices} devices on each of {nodes} nodes cannot train: {reason}.") from None
