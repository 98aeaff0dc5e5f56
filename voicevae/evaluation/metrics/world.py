"""Copy synthesis and pitch shifts by WORLD, as a reference without a network.

By DIO and StoneMask, CheapTrick and D4C (Morise et al., 2016), of the package pyworld.
"""

import warnings
from types import ModuleType

import numpy as np

from voicevae.units import ratio


def validate(wave: np.ndarray, semitones: float) -> None:
    """Raise ValueError unless `wave` is `[n]`, finite, and the shift within three octaves."""
    if np.ndim(wave) != 1 or not len(wave) or not np.isfinite(wave).all():
        raise ValueError("Give a finite wave [n].")
    if not abs(semitones) <= 36:
        raise ValueError(f"A shift of {semitones} semitones is too far.")


def package() -> ModuleType:
    """pyworld. Raises ImportError where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for pkg_resources
        import pyworld

    return pyworld


def shifted(wave: np.ndarray, sample_rate: int, semitones: float = 0.0) -> np.ndarray:
    """`wave` `[n]` analysed and made again, its F0 times `2 ** (semitones / 12)`, its formants as they were: `[n]`."""
    validate(wave, semitones)
    world = package()
    f0_hz, spectrum, aperiodicity = world.wav2world(wave.astype(np.float64), sample_rate)
    made = world.synthesize(f0_hz * ratio(semitones), spectrum, aperiodicity, sample_rate)
    return np.pad(made, (0, max(len(wave) - len(made), 0)))[: len(wave)].astype(np.float32)
