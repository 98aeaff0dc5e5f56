"""From latents back to frames: contours from prosody, mel from content, contours and speaker."""

import torch
from torch import Tensor, nn

from voicevae.models.blocks import Stack
from voicevae.models.config import ModelConfig
from voicevae.models.encoders import Downsample


def upsample(x: Tensor, factor: int, n_frames: int) -> Tensor:
    """Each low-rate step `[B, T', factor * C]` unfolds to `factor` frames: `[B, n_frames, C]`."""
    return x.reshape(x.shape[0], -1, x.shape[-1] // factor)[:, :n_frames]


class ContourDecoder(nn.Module):
    """z_p `[B, T_p, prosody_dim]` to contours `[B, T, 3]`: normalised log-F0, voicing logit, relative loudness."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.stride = config.prosody_stride
        self.enter = nn.Linear(config.prosody_dim, config.prosody_channels)
        self.stack = Stack(config.prosody_blocks, config.prosody_channels, config.kernel_size, config.expansion)
        self.leave = nn.Linear(config.prosody_channels, 3 * self.stride)
        self.look_ahead = self.stride * (self.stack.look_ahead + 1)

    def forward(self, prosody: Tensor, n_frames: int) -> Tensor:
        """z_p `[B, T_p, prosody_dim]` -> `[B, n_frames, 3]`."""
        return upsample(self.leave(self.stack(self.enter(prosody))), self.stride, n_frames).float()


class MelDecoder(nn.Module):
    """Content, contours and speaker to a mel normalised for the speaker (mean 0, standard deviation 1 over its speech).

    Shape: content `[B, T_c, content_dim]`, contours `[B, T, 3]`, condition `[B, condition_dim]` -> `[B, T,
    n_channels]`. With `ends`, only the frames whose past is all given: without the first `look_ahead - stride`.
    """

    def __init__(self, n_channels: int, config: ModelConfig) -> None:
        super().__init__()
        self.stride = config.content_stride
        self.enter_content = nn.Linear(config.content_dim, config.channels)
        self.enter_contours = Downsample(3, config.channels, self.stride)
        self.stack = Stack(
            config.decoder_blocks, config.channels, config.kernel_size, config.expansion, config.condition_dim
        )
        self.leave = nn.Sequential(nn.LayerNorm(config.channels), nn.Linear(config.channels, n_channels * self.stride))
        self.look_ahead = self.stride * (self.stack.look_ahead + 2)

    def forward(self, content: Tensor, contours: Tensor, condition: Tensor, ends: bool = False) -> Tensor:
        x = self.enter_content(content) + self.enter_contours(contours)
        n_frames = contours.shape[1]
        if ends:
            x, n_frames = x[:, 1:], n_frames - (self.look_ahead - self.stride)
        return upsample(self.leave(self.stack(x, condition, ends)), self.stride, n_frames).float()


class SpeakerHead(nn.Module):
    """Statistics `[B, 2 n_channels + 2]` (normalised) predicted from z_s `[B, speaker_dim]`."""

    def __init__(self, n_channels: int, config: ModelConfig) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(config.speaker_dim, config.speaker_channels),
            nn.GELU(),
            nn.Linear(config.speaker_channels, 2 * n_channels + 2),
        )

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).float()


class Condition(nn.Module):
    """z_s and the plain statistics to the vector that the mel decoder is conditioned on."""

    def __init__(self, n_channels: int, config: ModelConfig) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(config.speaker_dim + 2 * n_channels + 2, config.condition_dim),
            nn.GELU(),
            nn.Linear(config.condition_dim, config.condition_dim),
            nn.LayerNorm(config.condition_dim),
        )

    def forward(self, z: Tensor, statistics: Tensor) -> Tensor:
        """z_s `[B, speaker_dim]`, statistics `[B, 2 n_channels + 2]` (normalised) -> `[B, condition_dim]`."""
        return self.layers(torch.cat([z, statistics], -1))
