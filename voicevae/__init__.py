"""Speech and voice modulation with a convolutional conditional VAE.

import voicevae
vv = voicevae.load()
wave = vv.convert("speech.wav", voice="reference.wav")
"""

import sys

from voicevae import interrupts

if sys.argv[:1] == ["-m"]:  # of `python -m voicevae...`, which has not found its module yet: now it imports packages
    interrupts.end_at_once()

from importlib import import_module  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

from voicevae.errors import (  # noqa: E402
    AudioError,
    BundleError,
    CorpusError,
    EditError,
    InputError,
    MissingPackageError,
    OutputError,
    VoiceVAEError,
)
from voicevae.version import __version__  # noqa: E402

if TYPE_CHECKING:
    from voicevae.code import Code, Speaker
    from voicevae.edits import Edit
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


_PLACES = {
    "Code": "code",
    "Speaker": "code",
    "Edit": "edits",
    "MelConfig": "features.mel_config",
    "VoiceVAE": "voice",
    "load": "voice",
}


def __getattr__(name: str) -> Any:
    """What brings more than errors is imported when it is asked for: `voicevae --help` needs no numpy."""
    if name in _PLACES:
        return getattr(import_module(f"voicevae.{_PLACES[name]}"), name)
    if name == "vocoders":
        return import_module("voicevae.vocoders")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
