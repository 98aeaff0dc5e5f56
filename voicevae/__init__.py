"""Speech and voice modulation with a convolutional conditional VAE.

import voicevae
vv = voicevae.load()
wave = vv.convert("speech.wav", voice="reference.wav")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from voicevae.code import Code, Speaker
from voicevae.edits import Edit
from voicevae.errors import (
    AudioError,
    BundleError,
    CorpusError,
    EditError,
    InputError,
    MissingPackageError,
    OutputError,
    VoiceVAEError,
)
from voicevae.version import __version__

if TYPE_CHECKING:
    from voicevae.features.mel_config import MelConfig
    from voicevae.voice import VoiceVAE, load

__all__ = [
    "AudioError",
    "BundleError",
    "Code",
    "CorpusError",
    "Edit",
    "EditError",
    "InputError",
    "MelConfig",
    "MissingPackageError",
    "OutputError",
    "Speaker",
    "VoiceVAE",
    "VoiceVAEError",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    """What brings torch, which takes a second to import, is imported when asked for."""
    if name in ("VoiceVAE", "load"):
        from voicevae import voice

        return getattr(voice, name)
    if name == "MelConfig":
        from voicevae.features.mel_config import MelConfig

        return MelConfig
    if name == "vocoders":
        return import_module("voicevae.vocoders")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
