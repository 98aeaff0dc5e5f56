"""Sizes of the model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Dimensions of the latents and of the networks.

    Content runs at the frame rate over `content_stride` (40 Hz by default), prosody over `prosody_stride` (20 Hz).
    """

    speaker_dim: int = 64
    prosody_dim: int = 12
    content_dim: int = 16
    content_stride: int = 2
    prosody_stride: int = 4
    channels: int = 256
    expansion: int = 2
    kernel_size: int = 5
    content_blocks: int = 5
    decoder_blocks: int = 7
    speaker_channels: int = 160
    speaker_blocks: int = 3
    condition_dim: int = 128
    prosody_channels: int = 96
    prosody_blocks: int = 3
    n_speakers: int = 0
