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

    # How many frames before and after its own an output depends on: half a kernel a block, and one at entry and exit.

    @property
    def content_reach(self) -> int:
        """Frames that a step of content depends on, each side."""
        return self.content_stride * (self.content_blocks * (self.kernel_size // 2) + 1)

    @property
    def prosody_reach(self) -> int:
        """Frames that a step of prosody depends on, each side."""
        return self.prosody_stride * (self.prosody_blocks * (self.kernel_size // 2) + 1)

    @property
    def contours_reach(self) -> int:
        """Frames whose prosody a decoded frame of contours depends on, each side."""
        return self.prosody_reach

    @property
    def decoder_reach(self) -> int:
        """Frames whose content and contours a decoded frame of the mel depends on, each side."""
        return self.content_stride * (self.decoder_blocks * (self.kernel_size // 2) + 2)

    @property
    def decoder_past(self) -> int:
        """Frames before a decoded one of the mel that it depends on, to whole steps of content."""
        return self.decoder_reach - self.content_stride


@dataclass(frozen=True)
class LiveF0Config:
    """Sizes of the network."""

    channels: int = 16  # of the path over pitches
    width: int = 48  # of the path of voicing
    dilations: tuple[int, ...] = (1, 2, 4)  # frames
