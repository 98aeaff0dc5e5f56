"""The one convolutional block that every network here is made of."""

import torch
from torch import Tensor, nn


class ConvNeXt(nn.Module):
    """ConvNeXt block in one dimension (Liu et al., 2022), with optional FiLM conditioning (Perez et al., 2018).

    Args:
        channels: width of input and output.
        kernel_size: odd; the block looks `kernel_size // 2` frames ahead.
        expansion: width of the pointwise layers over `channels`.
        condition: width of the conditioning vector, 0 for none.

    Shape: input `[B, T, channels]`, condition `[B, condition]`, output `[B, T, channels]`. With `ends`, the output is
    only of frames whose past is all in the input: without the first `kernel_size // 2`.
    """

    def __init__(self, channels: int, kernel_size: int, expansion: int, condition: int = 0) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, kernel_size, padding=kernel_size // 2, groups=channels)
        self.norm = nn.LayerNorm(channels, elementwise_affine=condition == 0)
        self.film = nn.Linear(condition, 2 * channels) if condition else None
        self.widen = nn.Linear(channels, expansion * channels)
        self.narrow = nn.Linear(expansion * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.3))

    def forward(self, x: Tensor, condition: Tensor | None = None, ends: bool = False) -> Tensor:
        y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        if ends:
            first = self.depthwise.kernel_size[0] // 2
            x, y = x[:, first:], y[:, first:]
        y = self.norm(y)
        if self.film is not None and condition is not None:
            gain, shift = self.film(condition[:, None]).split(x.shape[-1], -1)
            y = y * (1 + gain) + shift
        return x + self.scale * self.narrow(nn.functional.gelu(self.widen(y)))


class Stack(nn.Module):
    """`n_blocks` ConvNeXt blocks one after another; arguments and shapes as for one."""

    def __init__(self, n_blocks: int, channels: int, kernel_size: int, expansion: int, condition: int = 0) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ConvNeXt(channels, kernel_size, expansion, condition) for _ in range(n_blocks))
        self.look_ahead = n_blocks * (kernel_size // 2)

    def forward(self, x: Tensor, condition: Tensor | None = None, ends: bool = False) -> Tensor:
        for block in self.blocks:
            x = block(x, condition, ends)
        return x
