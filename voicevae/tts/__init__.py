"""From a text-to-speech engine: one object that takes its sound, or its mels, and gives the edited speech.

from voicevae.tts import Modulator

mod = Modulator(pitch_range=1.6, voice="warm.voice")
wave, rate = mod(tts_wave, tts_rate)
"""

from voicevae.tts.modulator import Modulator
from voicevae.tts.ssml import Ssml, read_ssml

__all__ = ["Modulator", "Ssml", "read_ssml"]
