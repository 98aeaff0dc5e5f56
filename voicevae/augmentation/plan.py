"""Random draws for each copy, by a seed: a voice for a speaker, and edits for a recording."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from voicevae.edits import RANGES
from voicevae.errors import EditError

DRAWN = ("pitch_semitones", "pitch_range", "rate")
MAX_COPIES = 1000
DIGITS = 4  # of a drawn value, so that a manifest reads well


@dataclass(frozen=True)
class AugmentationPlan:
    """Number of copies of each recording, and the ranges (low, high) of their edits, drawn uniformly.

    pitch_semitones: about the new voice's register. pitch_range, rate: ratios, as in `voicevae.Edit`. watermark:
    whether the sounds carry the watermark.

    Raises:
        EditError: a range that is no pair of rising numbers, or exceeds that of the edit.
    """

    copies: int = 4
    seed: int = 0
    pitch_semitones: tuple[float, float] = (-2.0, 2.0)
    pitch_range: tuple[float, float] = (0.8, 1.25)
    rate: tuple[float, float] = (0.9, 1.1)
    watermark: bool = True

    def __post_init__(self) -> None:
        _check_whole("copies", self.copies, 1, MAX_COPIES)
        _check_whole("seed", self.seed, 0, 2**32 - 1)
        for name in DRAWN:
            _check_range(name, getattr(self, name))


@dataclass(frozen=True)
class Change:
    """The changes of one copy of one recording; `voice_seed` is that of `VoiceVAE.sample`."""

    voice_seed: int
    pitch_semitones: float
    pitch_range: float
    rate: float

    @property
    def edits(self) -> dict[str, Any]:
        """For `Code.edit`."""
        return {name: getattr(self, name) for name in DRAWN}


def draw(plan: AugmentationPlan, speaker: str, recording: str, copy: int) -> Change:
    """The change of copy number `copy` (from 1) of `recording`: each speaker has one voice a copy.

    It depends on the names and the seed alone, not on what else the corpus holds.
    """
    voice = _random(plan.seed, "voice", speaker, copy).integers(2**32)
    random = _random(plan.seed, "edits", speaker, recording, copy)
    values = [round(float(random.uniform(*getattr(plan, name))), DIGITS) for name in DRAWN]
    return Change(int(voice), *values)


def _random(*names: object) -> np.random.Generator:
    digest = hashlib.sha256(json.dumps(names).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16]))


def _check_whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise EditError(f"{name} is {value!r}; give a whole number from {low} to {high}.")


def _check_range(name: str, pair: object) -> None:
    low, high = RANGES[name]
    numbers = list(pair) if isinstance(pair, Sequence) and not isinstance(pair, str) else []
    real = all(isinstance(value, Real) and not isinstance(value, bool) for value in numbers)
    if len(numbers) != 2 or not real or not low <= numbers[0] <= numbers[1] <= high:
        raise EditError(f"{name} is {pair!r}; give two rising numbers from {low:g} to {high:g}.")
