"""Warnings while a training can still be changed.

Each finding is one sentence, given once: on stderr, in `watch.txt` beside the checkpoints, and in TensorBoard. None
stops the run; values that are not finite do, see `voicevae.training.nan_guard`.
"""

import sys
from collections import defaultdict, deque
from pathlib import Path
from statistics import median
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from tqdm import tqdm

from voicevae.training.devices import joint

EVERY = 5  # steps
LAST = 5  # values that a median is taken over
STEEP = 10.0  # times `gradient_clip`
LARGE = 0.03  # of the weights' norm
LOST = 3.0  # times the best that the mel's loss has been
FEW = 0.25  # of a latent's dimensions
AWAY = 2.0  # times the loss at chance


class Watch(Callback):
    """Gradient's norm, size of the updates, mel loss, active dimensions of each latent, and the adversary."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: set[str] = set()
        self.seen: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))
        self.best_mel = float("inf")
        self.before: list[Tensor] = []

    def on_train_start(self, trainer: Any, module: Any) -> None:
        if trainer.global_step == 0 and trainer.is_global_zero:  # an earlier run's warnings are not of this one
            (self.folder / "watch.txt").unlink(missing_ok=True)

    def on_before_optimizer_step(self, trainer: Any, module: Any, optimizer: torch.optim.Optimizer) -> None:
        if (trainer.global_step + 1) % EVERY == 0:
            self.before = [p.detach().clone() for p in module.parameters()]

    @torch.no_grad()
    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if not self.before:
            return
        update = relative_update(self.before, module)
        self.before = []
        module.log("train/relative_update", update)
        shown = {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith("train/")}
        for name, value in (shown | {"train/relative_update": update}).items():
            self.seen[name.removeprefix("train/")].append(value)
        for finding in self.findings(module):
            self._say(finding, trainer)

    def findings(self, module: Any) -> list[str]:
        """Present findings, a sentence each; the part before its colon names it."""
        usual = {name: median(values) for name, values in self.seen.items() if len(values) == LAST}
        found, config = [], module.training_config
        rate = f"lower learning_rate ({config.learning_rate:g}), by ten times to begin with"
        if usual.get("relative_update", 0) > LARGE:
            found.append(
                f"learning rate too high: a step changes the weights by {100 * usual['relative_update']:.0f} % of "
                f"their norm, and {100 * LARGE:g} % is too much; {rate}."
            )
        if usual.get("gradient_norm", 0) > STEEP * config.gradient_clip > 0:
            found.append(
                f"steep gradients: their norm is {usual['gradient_norm']:.3g}, far above gradient_clip "
                f"({config.gradient_clip:g}), so steps say little; {rate}, or look for damaged recordings."
            )
        if "mel" in usual:
            self.best_mel = min(self.best_mel, usual["mel"])
            if usual["mel"] > LOST * self.best_mel:
                found.append(
                    f"diverged: the mel's loss is {usual['mel']:.3g} and was {self.best_mel:.3g}; {rate}, and "
                    "begin anew."
                )
        return found + _collapsed(usual) + _run_away(usual, module)

    def _say(self, finding: str, trainer: Any) -> None:
        kind, step = finding.partition(":")[0], trainer.global_step
        if kind in self.said or not trainer.is_global_zero:
            return
        self.said.add(kind)
        tqdm.write(f"Step {step}, {finding}", file=sys.stderr)
        trainer.logger.experiment.add_text("watch", finding, step)
        with open(self.folder / "watch.txt", "a", encoding="utf-8") as file:
            file.write(f"Step {step}, {finding}\n")


class WatchLatents(Callback):
    """KL of each dimension of each latent, in nats, as histograms in TensorBoard, when a checkpoint is written."""

    @torch.no_grad()
    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step % module.training_config.checkpoint_steps:
            return
        # All randomness of the next step is seeded anew, so drawing here changes nothing.
        _, kl_of = module._rates(module._autoencode(batch))
        for name, kl in kl_of.items():
            kl = joint(kl.flatten(0, -2).mean(0))
            trainer.logger.experiment.add_histogram(f"kl/{name}", kl.float(), trainer.global_step)


def relative_update(before: list[Tensor], module: nn.Module) -> float:
    """Norm of the change of all weights since `before`, over their norm then."""
    change = torch.stack([(p - old).norm() for p, old in zip(module.parameters(), before, strict=True)]).norm()
    return (change / torch.stack([old.norm() for old in before]).norm().clamp_min(1e-12)).item()


def _collapsed(usual: dict[str, float]) -> list[str]:
    """Latents of which too few dimensions are in use (share `active_<name>`)."""
    found = []
    for key, share in usual.items():
        name = key.removeprefix("active_")
        if name == key or share >= FEW:
            continue
        what = f"only {100 * share:.0f} % of its dimensions say" if share else "no dimension says"
        found.append(
            f"{name} collapses: {what} anything; lower beta_{name}, or raise free_bits_{name} or "
            f"kl_warmup_steps{f', or make {name}_dim smaller' if share else ''}."
        )
    return found


def _run_away(usual: dict[str, float], module: Any) -> list[str]:
    loss, adversary = usual.get("adversary", 0.0), getattr(module, "adversary", None)
    if adversary is None or loss <= AWAY * adversary.chance:
        return []
    return [
        f"adversary runs away: its loss is {loss:.2f} nats, where one who knows nothing has {adversary.chance:.2f}; "
        "lower adversary, or learning_rate."
    ]
