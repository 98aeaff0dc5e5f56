"""Frames to sound: our source-filter vocoder, Griffin-Lim, and generators that users already have."""

from pathlib import Path
from typing import TYPE_CHECKING

from voicevae.errors import needs

if TYPE_CHECKING:
    from voicevae.vocoders.adapters import NeuralVocoder


def load(kind: str, checkpoint: str | Path, config: str | Path, device: str = "cpu") -> "NeuralVocoder":
    """A generator from the files that its authors publish; see `voicevae.vocoders.adapters.load`.

    Raises:
        MissingPackageError: torch is not installed. BundleError: what is wrong with which file, and its field.
    """
    with needs("torch", "A neural vocoder"):
        from voicevae.vocoders import adapters
    return adapters.load(kind, checkpoint, config, device)


__all__ = ["load"]
