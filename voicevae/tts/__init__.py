"""Speech modulation behind a text-to-speech engine: its waves or mels in, edited speech out.

from voicevae.tts import Modulator

mod = Modulator(pitch_range=1.6, voice="warm.voice")
wave, rate = mod(tts_wave, tts_rate)
"""

from voicevae.tts.modulator import Modulator
from voicevae.tts.ssml import Ssml, read_ssml

__all__ = ["Modulator", "Ssml", "read_ssml"]
