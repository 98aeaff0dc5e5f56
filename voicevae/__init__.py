"""Speech and voice modulation with a convolutional conditional VAE.

import voicevae
vv = voicevae.load()
wave = vv.convert("speech.wav", voice="reference.wav")
"""

from voicevae.code import Code, Speaker
from voicevae.edits import Edit
from voicevae.errors import AudioError, BundleError, EditError, VoiceVAEError
from voicevae.voice import VoiceVAE, load

__version__ = "0.1.0"
__all__ = ["AudioError", "BundleError", "Code", "Edit", "EditError", "Speaker", "VoiceVAE", "VoiceVAEError", "load"]
