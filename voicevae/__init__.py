"""Speech and voice modulation with a convolutional conditional VAE.

import voicevae
vv = voicevae.load()
wave = vv.convert("speech.wav", voice="reference.wav")
"""

from typing import TYPE_CHECKING, Any

from voicevae.code import Code, Speaker
from voicevae.edits import Edit
from voicevae.errors import AudioError, BundleError, EditError, VoiceVAEError

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE, load

__version__ = "0.1.0"
__all__ = ["AudioError", "BundleError", "Code", "Edit", "EditError", "Speaker", "VoiceVAE", "VoiceVAEError", "load"]


def __getattr__(name: str) -> Any:
    """`load` and `VoiceVAE` bring torch, which takes a second to import, so they are imported when asked for."""
    if name not in ("VoiceVAE", "load"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from voicevae import voice

    return getattr(voice, name)
