"""A speaker classifier on the content, and the gradient that it sends back reversed."""

from typing import Any

import torch
from torch import Tensor, nn

from voicevae.models.blocks import Stack
from voicevae.training.devices import joint


class _Scaled(torch.autograd.Function):
    """Identity forward; the gradient times `scale` backward (Ganin & Lempitsky, 2015, with scale < 0)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor) -> Tensor:
        ctx.scale = scale
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.scale, None


class SpeakerAdversary(nn.Module):
    """Speaker classifier on content `[B, T_c, D_c]`, by frames and by pooled statistics.

    The reversed gradient is scaled by how far the classifier is above chance, so that it vanishes at chance: an encoder
    cannot diverge by confusing an untrained classifier.
    """

    def __init__(self, dim: int, n_speakers: int, channels: int = 128) -> None:
        super().__init__()
        self.chance = torch.log(torch.tensor(float(n_speakers))).item()
        self.enter = nn.Linear(dim, channels)
        self.stack = Stack(2, channels, 5, 2)
        self.leave = nn.Sequential(nn.Linear(2 * channels, channels), nn.GELU(), nn.Linear(channels, n_speakers))

    def forward(self, content: Tensor, speaker: Tensor, scale: float) -> tuple[Tensor, Tensor]:
        """The classifier's loss, in nats, and its accuracy, over the items whose `speaker` `[B]` is known (not -1)."""
        known = speaker >= 0
        n = joint(known.float().sum()).clamp_min(1.0)
        strength = torch.zeros((), device=content.device)
        x = self.stack(self.enter(_Scaled.apply(content, strength))).float()
        logits = self.leave(torch.cat([x.mean(1), x.std(1)], -1)).float()
        loss = nn.functional.cross_entropy(logits[known], speaker[known], reduction="sum") / n
        # Known only now, and read by the backward pass.
        strength.copy_(-scale * ((self.chance - joint(loss.detach())) / self.chance).clamp(0, 1))
        return loss, (logits.argmax(-1) == speaker)[known].float().sum() / n
