"""A training so small that six steps take no time: what it is about is the loop, not the network."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from voicevae.training.run import Samples, Training
from voicevae.training.settings import TrainingConfig


class Line(Training):
    """Fits a line through noisy points; it draws at random in every step, as the real ones do."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__(config)
        self.model = nn.Linear(4, 1)
        self.seen: list[tuple[int, float]] = []

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        made = self.model(batch["x"])[:, 0] + 0.1 * torch.randn(len(batch["x"]))
        loss = (made - batch["y"]).square().mean() + batch["extra"].mean() * made.mean()
        self.seen.append((self.global_step, loss.item()))
        return loss, {"square": loss}

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        return Samples({"points": batch["x"]}, {"line": self.model(batch["x"])[:, 0]}, 16000)


class Points:
    """Points of a line, a pure function of the step; `bad` steps carry NaN, and `stop` stands for a power cut."""

    def __init__(self, bad: int = -1, stop: int = -1, poison: float = float("nan")) -> None:
        self.bad, self.stop, self.poison = bad, stop, poison

    def batch(self, step: int) -> dict[str, Tensor]:
        if step == self.stop:
            raise InterruptedError("the power is gone")
        generator = torch.Generator().manual_seed(step)
        x = torch.randn(8, 4, generator=generator)
        extra = torch.full((8,), self.poison if step == self.bad else 0.0)
        return {"x": x, "y": x @ torch.tensor([1.0, -2.0, 0.5, 3.0]), "extra": extra}


@pytest.fixture
def line() -> Callable[..., Line]:
    """Makes a fresh training, always with the same first weights."""

    def make(max_steps: int = 6, checkpoint_steps: int = 3) -> Line:
        torch.manual_seed(0)
        return Line(
            TrainingConfig(
                max_steps=max_steps,
                batch_size=8,
                learning_rate=0.05,
                warmup_steps=2,
                ema_decay=0.5,
                checkpoint_steps=checkpoint_steps,
                log_steps=1,
            )
        )

    return make


@pytest.fixture
def points() -> type[Points]:
    return Points
