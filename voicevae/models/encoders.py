"""Three encoders, one a latent: speaker, prosody, content."""

import torch
from torch import Tensor, nn

from voicevae.models.blocks import Stack
from voicevae.models.config import ModelConfig
from voicevae.models.latents import Gaussian


class Downsample(nn.Module):
    """Strided convolution `[B, T, in]` -> `[B, ceil(T / stride), out]`."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv1d(n_in, n_out, 2 * stride + 1, stride, padding=stride)

    def forward(self, x: Tensor) -> Tensor:
        """`[B, T, n_in]` -> `[B, ceil(T / stride), n_out]`."""
        return self.conv(x.transpose(1, 2)).transpose(1, 2)


class SequenceEncoder(nn.Module):
    """Frames `[B, T, n_in]` to a low-rate Gaussian sequence `[B, ceil(T / stride), dim]`."""

    def __init__(
        self, n_in: int, dim: int, stride: int, channels: int, n_blocks: int, kernel_size: int, expansion: int
    ) -> None:
        super().__init__()
        self.enter = Downsample(n_in, channels, stride)
        self.stack = Stack(n_blocks, channels, kernel_size, expansion)
        self.leave = nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, 2 * dim))
        self.look_ahead = stride * (self.stack.look_ahead + 1)

    def forward(self, x: Tensor) -> Gaussian:
        return Gaussian.of(self.leave(self.stack(self.enter(x))))


class SpeakerEncoder(nn.Module):
    """One Gaussian a recording: mean and standard deviation over speech frames of convolutional features, and the plain
    statistics.

    Shape: mel `[B, T, n_channels]` (normalised), weight `[B, T]` (0..1, speech), statistics `[B, 2 n_channels + 2]`
    (normalised) -> `[B, speaker_dim]`.
    """

    def __init__(self, n_channels: int, config: ModelConfig) -> None:
        super().__init__()
        width = config.speaker_channels
        self.enter = Downsample(n_channels, width, config.content_stride)
        self.stack = Stack(config.speaker_blocks, width, config.kernel_size, config.expansion)
        self.leave = nn.Sequential(
            nn.Linear(2 * width + 2 * n_channels + 2, 2 * width),
            nn.LayerNorm(2 * width),
            nn.GELU(),
            nn.Linear(2 * width, 2 * config.speaker_dim),
        )

    def forward(self, mel: Tensor, weight: Tensor, statistics: Tensor) -> Gaussian:
        x = self.stack(self.enter(mel)).float()
        weight = weight[:, :: self.enter.stride, None] + 1e-4
        weight = weight / weight.sum(1, keepdim=True)
        mean = (x * weight).sum(1)
        std = ((x - mean[:, None]).square() * weight).sum(1).add(1e-4).sqrt()
        return Gaussian.of(self.leave(torch.cat([mean, std, statistics], -1)))
