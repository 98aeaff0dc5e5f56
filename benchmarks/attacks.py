"""What happens to a sound on its way: codecs, rates, levels, cuts. A mark should be found after each."""

import io
from collections.abc import Callable

import numpy as np
import soundfile as sf
import soxr

Attack = Callable[[np.ndarray, int], np.ndarray]
NOISE_DB = 20.0  # below the speech
KEPT = 2 / 3  # of a sound, after a cut


def mp3(compression: float) -> Attack:
    """LAME at a constant rate; at 16 kHz, libsndfile's 0.2 is 128 kbit/s and 0.9 is 24 kbit/s."""

    def attack(wave: np.ndarray, rate: int) -> np.ndarray:
        file = io.BytesIO()
        sf.write(file, wave, rate, format="MP3", bitrate_mode="CONSTANT", compression_level=compression)
        file.seek(0)
        return sf.read(file, dtype="float32")[0]

    return attack


def vorbis(wave: np.ndarray, rate: int) -> np.ndarray:
    """Ogg Vorbis at libsndfile's own quality."""
    file = io.BytesIO()
    sf.write(file, wave, rate, format="OGG")
    file.seek(0)
    return sf.read(file, dtype="float32")[0]


def through(other: int) -> Attack:
    """To `other` Hz and back."""
    return lambda wave, rate: soxr.resample(soxr.resample(wave, rate, other), other, rate)


def softer(wave: np.ndarray, rate: int) -> np.ndarray:
    """-6 dB, in 16 bits."""
    return np.round(wave * 0.5 * 32768).astype(np.float32) / 32768


def cut(wave: np.ndarray, rate: int) -> np.ndarray:
    """Two thirds of it, from a sixth on."""
    start = round(len(wave) * (1 - KEPT) / 2)
    return wave[start : start + round(len(wave) * KEPT)]


def noise(wave: np.ndarray, rate: int) -> np.ndarray:
    """White noise, 20 dB below."""
    level = np.sqrt(np.mean(wave**2)) * 10 ** (-NOISE_DB / 20)
    return wave + np.random.default_rng(len(wave)).normal(0, level, len(wave)).astype(np.float32)


ATTACKS: dict[str, Attack] = {
    "untouched": lambda wave, rate: wave,
    "mp3, 128 kbit/s": mp3(0.2),
    "mp3, 24 kbit/s": mp3(0.9),
    "Ogg Vorbis": vorbis,
    **{f"{other / 1000:g} kHz and back": through(other) for other in (8000, 22050, 44100, 48000)},
    "-6 dB": softer,
    "two thirds of it": cut,
    "noise at -20 dB": noise,
}
