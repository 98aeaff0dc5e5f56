"""How similar a voice is to another, in plain words.

The cosine of two speaker embeddings alone is hard to read. Beside it are the floor, source against target, as without a
conversion, and the ceiling, one half of the target's recording against the other. closure = (cosine - floor) / (ceiling
- floor) is the share of the way from floor to ceiling.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MIN_HALF_S = 1.5  # a shorter half is too little speech for a ceiling
Embed = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Similarity:
    """Cosines, -1..1; ceiling is NaN where the target is too short to be halved."""

    cosine: float
    floor: float
    ceiling: float

    @property
    def closure(self) -> float:
        """Share of the way from the source's voice to the target's; NaN where floor and ceiling are equal."""
        if not self.ceiling > self.floor:
            return math.nan
        return (self.cosine - self.floor) / (self.ceiling - self.floor)

    def words(self) -> str:
        """The similarity in one or two sentences."""
        told = f"The result is {self.cosine:.2f} like the target; the source was {self.floor:.2f} like it (the floor)"
        if math.isnan(self.ceiling):
            return f"{told}. The target is too short for a ceiling."
        told = f"{told}, and the target is {self.ceiling:.2f} like itself (the ceiling)."
        if math.isnan(self.closure):
            return f"{told} Source and target are as like as the target is itself: there is no way to go."
        return f"{_verdict(self.closure)} {told}"


def similarity(
    embed: Embed, source: np.ndarray, target: np.ndarray, result: np.ndarray, sample_rate: int
) -> Similarity:
    """Similarity of waves `[n]` at `sample_rate` Hz, by a speaker encoder `embed` from wave to vector `[D]`."""
    whole = embed(target)
    ceiling = math.nan
    if len(target) >= 2 * MIN_HALF_S * sample_rate:
        halves = [embed(half) for half in np.array_split(target, 2)]
        ceiling = cosine(*halves)
    return Similarity(cosine(embed(result), whole), cosine(embed(source), whole), ceiling)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of the angle between two vectors `[D]`; 0 where one is 0."""
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length > 0 else 0.0


def _verdict(closure: float) -> str:
    if closure >= 0.95:
        return "As like the target as the target is like itself."
    if closure <= 0.05:
        return "No nearer to the target than the source was."
    return f"{100 * closure:.0f} % of the way from the source's voice to the target's."
