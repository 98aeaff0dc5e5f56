"""What can make speech again, and at another pitch: our vocoder, and what a user could take instead."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import voicevae
from voicevae.edits import Edit, edit_contours
from voicevae.features import FeatureConfig, extract, ordinary_mel
from voicevae.features.mel_config import ordinary
from voicevae.units import ratio
from voicevae.vocoders.griffinlim import GriffinLim

RECORDINGS, OURS = "recordings", "voicevae"  # the recordings themselves are the ceiling
GRIFFIN_LIM = {"Griffin-Lim 32": 32, "Griffin-Lim 60": 60}
WORLD, PSOLA, LIBROSA = "WORLD", "PSOLA (Praat)", "librosa pitch_shift"
NAMES = (RECORDINGS, OURS, *GRIFFIN_LIM, WORLD, PSOLA, LIBROSA)
# What each imports, and how to get it. Praat is under the GPL, so it is no dependency of ours, but may lie beside.
LIBRARIES = {
    WORLD: ("pyworld", 'pip install "voicevae[eval]"'),
    PSOLA: ("parselmouth", "pip install praat-parselmouth"),
    LIBROSA: ("librosa.effects", 'pip install "voicevae[eval]"'),
}
F0_RANGE_HZ = (60, 600)


@dataclass(frozen=True)
class Peer:
    """One way to make speech.

    analyse: wave `[n]` -> what `synthesize` reads, plain arrays. synthesize: (that, semitones) -> wave, about `[n]`.
    copies, shifts: whether it can make speech at the same pitch, and at another.
    """

    analyse: Callable[[np.ndarray], Any]
    synthesize: Callable[[Any, float], np.ndarray]
    copies: bool = True
    shifts: bool = True

    def amounts(self, semitones: tuple[float, ...]) -> list[float]:
        """Those of `semitones`, 0 for a copy, that it can do."""
        return [amount for amount in semitones if (self.shifts if amount else self.copies)]


def missing() -> dict[str, str]:
    """One sentence for each peer whose library is not installed."""
    return {
        name: f"{library.partition('.')[0]} is not installed; `{cure}` brings it"
        for name, (library, cure) in LIBRARIES.items()
        if find_spec(library.partition(".")[0]) is None
    }


def library(name: str) -> ModuleType | None:
    """Import what the peer `name` works with, if it is none of ours."""
    if name not in LIBRARIES:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld's own: it asks for pkg_resources
        return import_module(LIBRARIES[name][0])


def load(name: str, config: FeatureConfig, path: Path | None = None) -> Peer:
    """The peer `name` for sound at `config.sample_rate`; ours with the bundle at `path`, or the shipped one.

    Raises:
        ImportError: its library is not installed. BundleError: the bundle cannot be loaded.
    """
    if name == RECORDINGS:
        return Peer(lambda wave: wave, lambda wave, semitones: wave, shifts=False)
    if name == OURS:
        return _ours(config, path)
    if name in GRIFFIN_LIM:
        return _griffin_lim(config, GRIFFIN_LIM[name])
    make = {WORLD: _world, PSOLA: _psola, LIBROSA: _librosa}[name]
    return make(library(name), config)


def _ours(config: FeatureConfig, path: Path | None) -> Peer:
    vocoder = voicevae.load(path).vocoder

    def analyse(wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        frames = extract(wave, config)
        return frames.mel, np.stack([frames.log_f0, frames.voicing, frames.loudness_db], 1)

    def synthesize(frames: tuple[np.ndarray, np.ndarray], semitones: float) -> np.ndarray:
        mel, contours = frames
        edited = edit_contours(contours, 0.0, Edit(pitch_semitones=semitones))
        return np.concatenate(list(vocoder.synthesize(mel, edited)))

    return Peer(analyse, synthesize)


def _griffin_lim(config: FeatureConfig, iterations: int) -> Peer:
    """From our ordinary mel; it knows no pitch."""

    vocoder = GriffinLim(ordinary(config), iterations)
    return Peer(lambda wave: ordinary_mel(wave, config), lambda mel, semitones: vocoder(mel), shifts=False)


def _world(pyworld: Any, config: FeatureConfig) -> Peer:
    """As its own short cut does it: DIO and StoneMask, CheapTrick, D4C (Morise et al., 2016)."""

    def synthesize(features: Any, semitones: float) -> np.ndarray:
        f0_hz, spectrum, aperiodicity = features
        return pyworld.synthesize(f0_hz * ratio(semitones), spectrum, aperiodicity, config.sample_rate)

    return Peer(lambda wave: pyworld.wav2world(wave.astype(np.float64), config.sample_rate), synthesize)


def _psola(parselmouth: Any, config: FeatureConfig) -> Peer:
    """Wave to wave: Praat's manipulation, resynthesised by overlap-add (Moulines & Charpentier, 1990)."""

    def synthesize(wave: np.ndarray, semitones: float) -> np.ndarray:
        return change_in_praat(parselmouth, wave, config.sample_rate, semitones)

    return Peer(lambda wave: wave, synthesize)


def change_in_praat(
    parselmouth: Any, wave: np.ndarray, sample_rate: int, semitones: float, rate: float = 1.0
) -> np.ndarray:
    """`wave` `[n]` with another pitch and rate, by Praat."""
    call = parselmouth.praat.call
    sound = parselmouth.Sound(wave.astype(np.float64), sample_rate)
    manipulation = call(sound, "To Manipulation", 0.01, *F0_RANGE_HZ)
    pitch = call(manipulation, "Extract pitch tier")
    call(pitch, "Multiply frequencies", sound.xmin, sound.xmax, ratio(semitones))
    call([pitch, manipulation], "Replace pitch tier")
    if rate != 1:
        duration = call(manipulation, "Extract duration tier")
        call(duration, "Add point", sound.xmin, 1 / rate)
        call([duration, manipulation], "Replace duration tier")
    return call(manipulation, "Get resynthesis (overlap-add)").values[0]


def _librosa(effects: Any, config: FeatureConfig) -> Peer:
    """Wave to wave: a phase vocoder and resampling, which at the same pitch would give back what it got."""

    def synthesize(wave: np.ndarray, semitones: float) -> np.ndarray:
        return effects.pitch_shift(wave, sr=config.sample_rate, n_steps=semitones)

    return Peer(lambda wave: wave, synthesize, copies=False)
