"""Damaged speech and other sounds, which an anomaly score must tell from speech.

Each takes a wave `[n]`, its sample rate in Hz and a random generator, and gives a wave; tones last as long as the
speech and are as loud.
"""

from collections.abc import Callable

import numpy as np
import soxr

CLIPPED_AT = 0.1  # of the peak
GAP_S, GAPS_A_SECOND = 0.1, 3.0
SPEED = 4.0
TONE_S = 0.3
SCALE = (0, 2, 4, 5, 7, 9, 11)  # major, semitones


def reversed_(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Backwards."""
    return wave[::-1].copy()


def noise(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """With white noise of the same power, 0 dB."""
    return _float(wave + _rms(wave) * random.standard_normal(len(wave)))


def clipping(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Cut off at a tenth of its peak, and as loud as before."""
    limit = CLIPPED_AT * np.abs(wave).max()
    clipped = np.clip(wave, -limit, limit)
    return _float(clipped * _rms(wave) / _rms(clipped))


def dropouts(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Silent for 100 ms three times a second, at random places."""
    made, gap = wave.copy(), round(GAP_S * sample_rate)
    for start in random.integers(0, len(wave), max(round(GAPS_A_SECOND * len(wave) / sample_rate), 1)):
        made[start : start + gap] = 0
    return made


def fast(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Played at four times the speed, which raises the pitch, too."""
    return _float(soxr.resample(wave, SPEED, 1.0))


def tones(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """A melody of decaying chords, as of a struck instrument, in place of the speech."""
    time = np.arange(len(wave)) / sample_rate
    made = np.zeros(len(wave))
    for start in np.arange(0, len(wave) / sample_rate, TONE_S):
        since = time - start
        struck = np.where(since >= 0, np.exp(-6 * np.maximum(since, 0)), 0)
        for step in random.choice(len(SCALE), 3, replace=False):
            hz = 220 * 2 ** ((SCALE[step] + 12 * random.integers(0, 2)) / 12)
            made += struck * sum(np.sin(2 * np.pi * hz * k * since) / k**2 for k in range(1, 6))
    return _float(made * _rms(wave) / _rms(made))


Damage = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
DAMAGES: dict[str, Damage] = {
    "reversed": reversed_,
    "0 dB noise": noise,
    "clipping": clipping,
    "dropouts": dropouts,
    "tones": tones,
    "4x speed": fast,
}


def _rms(wave: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) or 1.0


def _float(wave: np.ndarray) -> np.ndarray:
    return wave.astype(np.float32)
