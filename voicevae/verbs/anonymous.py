"""Pseudo-speakers: voices far from the speaker's own, and the same whenever speaker and seed are.

A voice is drawn from the mixture of the training speakers (`voicevae.verbs.voices`) until one lies far from the
speaker's own. Which of the far ones it is depends on a secret seed and the speaker's name alone, not on the speech: an
attacker without the seed cannot draw it again. What is kept of the recording beside its words is as much of the
intonation as is asked for, and a share of the residual, without which words get lost.
"""

import hashlib
import json

import numpy as np

from voicevae.code import Code, Speaker
from voicevae.errors import EditError
from voicevae.verbs.voices import VoiceSpace

FAR = 1.2  # root mean square of standard deviations a coordinate; two speakers are 1.4 apart on average
DRAWS = 64  # at most; then the farthest is taken
RESIDUAL = 0.5  # all of it shows the speaker, none of it costs words: docs/anonymize.md
LIKENESS = 0.25


def voice(space: VoiceSpace, own: Speaker, name: str, seed: int, gender: str | None = None) -> Speaker:
    """The voice that hides the speaker `name`, whose own voice is `own`.

    Args:
        seed: to be kept secret where the result is published.
        gender: as the training corpus calls it; any by default, which hides it, too.

    Raises:
        EditError: an unknown gender.
    """
    drawn = []
    for number in range(DRAWS):
        one = space.draw(_seed(seed, name, number), gender)
        drawn.append((distance(space, own, one), number, one))
        if drawn[-1][0] >= FAR:
            break
    return max(drawn, key=lambda found: found[:2])[2]


def check(space: VoiceSpace, seed: int, gender: str | None, **shares: float) -> None:
    """Raise EditError where a value cannot be."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise EditError(f"seed is {seed!r}; give a whole number of 0 or more.")
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise EditError(f"{name} is {share!r}; give a share from 0 to 1.")
    space.draw(0, gender)


def distance(space: VoiceSpace, one: Speaker, other: Speaker) -> float:
    """How far two voices are apart: root mean square over the coordinates, in standard deviations of the speakers'."""
    gap = (space.coordinates(one) - space.coordinates(other)) / space.std
    return float(np.sqrt(np.square(gap).mean()))


def hide(code: Code, behind: Speaker, flatten: float, residual: float = RESIDUAL) -> Code:
    """`code` in the voice `behind`, with the share `residual` of the recorded one, its F0 flattened by the share
    `flatten` (both 0..1).

    The contours' residual stays: it is the intonation's detail, relative to the speaker.
    """
    return code.edit(behind, residual=residual, likeness=LIKENESS, pitch_range=1 - flatten)


def _seed(*names: object) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(names).encode()).digest()[:8])
