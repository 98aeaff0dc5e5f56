"""The smallest networks that have every part: two blocks, narrow, for tests."""

from voicevae.models.config import ModelConfig

SMALL = ModelConfig(
    speaker_dim=8,
    channels=24,
    content_blocks=2,
    decoder_blocks=2,
    speaker_channels=16,
    speaker_blocks=1,
    condition_dim=12,
    prosody_channels=16,
    prosody_blocks=2,
    n_speakers=2,
)
