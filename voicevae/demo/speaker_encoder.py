"""Similarity of a result to its target, by Resemblyzer where it is installed, because it took no part in training."""

from collections.abc import Callable
from functools import cache

import numpy as np

from voicevae.verbs.similarity import similarity
from voicevae.voice import VoiceVAE

INDEPENDENT = "Measured by Resemblyzer, a speaker encoder that took no part in training; 1 is the same voice."
OWN = (
    "Measured by the bundle's own speaker encoder, which flatters; `pip install resemblyzer` brings an independent one."
)


def words(vv: VoiceVAE, source: np.ndarray, target: np.ndarray, result: np.ndarray) -> str:
    """Similarity of `result` to `target`, both waves `[n]`, in words; and by which speaker encoder."""
    embed, whose = encoder(vv)
    return f"{similarity(embed, source, target, result, vv.sample_rate).words()} {whose}"


def encoder(vv: VoiceVAE) -> tuple[Callable[[np.ndarray], np.ndarray], str]:
    """A speaker encoder, wave `[n]` to vector, and a sentence about it."""
    try:
        independent = _resemblyzer()
    except ImportError:
        return lambda wave: vv.speaker(wave).z, OWN
    return lambda wave: independent(wave, vv.sample_rate), INDEPENDENT


@cache
def _resemblyzer() -> Callable[[np.ndarray, int], np.ndarray]:
    from voicevae.speaker_encoder import Resemblyzer

    return Resemblyzer().embed
