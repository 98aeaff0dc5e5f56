"""Ends a training at the first value that is not finite."""

from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from safetensors.torch import save_file
from torch import Tensor

from voicevae.training.devices import joint, ranks
from voicevae.training.settings import TrainingError


class NaNGuard(Callback):
    """Stops at the first loss or gradient that is not finite, before it reaches weights or checkpoints, and saves the
    batch that gave it. Logs the gradient's norm, which it needs anyway. Ranks stop together, each saving its part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.batch: dict[str, Tensor] = {}

    def on_train_batch_start(self, trainer: Any, module: Any, batch: dict[str, Tensor], batch_idx: int) -> None:
        self.batch = batch

    def on_before_backward(self, trainer: Any, module: Any, loss: Tensor) -> None:
        self._check("loss", loss, trainer.global_step)

    def on_before_optimizer_step(self, trainer: Any, module: Any, optimizer: torch.optim.Optimizer) -> None:
        norm = gradient_norm(module)
        module.log("train/gradient_norm", norm)
        self._check("gradient", norm, trainer.global_step)

    def _check(self, name: str, value: Tensor, step: int) -> None:
        if not joint((~torch.isfinite(value)).float()):
            return
        part = f"_rank{torch.distributed.get_rank()}" if ranks() > 1 else ""
        path = self.folder / f"bad_batch_step{step}{part}.safetensors"
        save_file({key: column.contiguous() for key, column in self.batch.items()}, path)
        if ranks() > 1:
            torch.distributed.barrier()  # or some would be ended before theirs is written
        where = path if ranks() == 1 else f"{self.folder}/bad_batch_step{step}_rank*.safetensors"
        raise TrainingError(
            f"The {name} is not finite at step {step}; the batch is in {where}. Lower learning_rate, then go on from "
            f"the last good checkpoint in {self.folder} with --resume."
        )


def gradient_norm(module: torch.nn.Module) -> Tensor:
    """Euclidean norm of all gradients."""
    return torch.nn.utils.get_total_norm([p.grad for p in module.parameters() if p.grad is not None])
