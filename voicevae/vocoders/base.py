"""The interface of vocoders of plain mels."""

from typing import Any, Protocol

import numpy as np

from voicevae.features.mel_config import MelConfig


class MelVocoder(Protocol):
    """A vocoder that needs nothing but a mel."""

    mel_config: MelConfig

    def __call__(self, mel: Any, config: MelConfig | None = None) -> np.ndarray:
        """Wave `[n]`, float32 at `mel_config.sample_rate`, frame after frame a hop.

        Args:
            mel: log-mel `[T, n_mels]`, array or tensor.
            config: its configuration, if not `mel_config`; it is then converted.

        Raises:
            VoiceVAEError: the mel is not what its configuration says, or cannot be converted.
        """
