"""Sampled voices: is each one voice, are they different, and has nobody them?

Every voice says the same sentences, taken from different speakers. With the cosine of Resemblyzer's embeddings:

    consistency  mean cosine between two sentences of one voice
    diversity    1 - mean cosine between sentences of two voices
    novelty      1 - cosine with the nearest training speaker, a voice's mean over its sentences and that speaker's
                 recordings

Every second voice is asked to be of the first gender that the bundle knows, the others of the second, and a judge of F0
and formants hears which it is. Content is the distance of `content` on its corpus' scale: 0 is one sentence read by two
speakers, 1 two sentences; below a half, the words are nearer to the same than to others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.evaluation import content, gender
from voicevae.evaluation.cepstra import judged
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.similarity import Judge
from voicevae.voice import VoiceVAE

VOICES = 20
INTELLIGIBLE = 0.5


@dataclass(frozen=True, eq=False)
class Sampled:
    """One voice: the gender asked for, and of each of its `S` sentences the embedding `[S, D]`, the features of the
    gender's judge `[S, 5]`, and the distance of its content from its source's `[S]`."""

    asked: str | None
    embeddings: np.ndarray
    features: np.ndarray
    distances: np.ndarray


def sample_all(
    vv: VoiceVAE,
    sentences: Sequence[Clip],
    judge: Judge,
    genders: Sequence[str] = (),
    n_voices: int = VOICES,
    seed: int = 0,
    step: Callable[[], object] = lambda: None,
) -> list[Sampled]:
    """`n_voices` voices, seeds `seed` onwards, of `genders` in turn, each of which says all `sentences`."""
    codes = [vv.encode(clip.load(vv.sample_rate), vv.sample_rate, residual=False) for clip in sentences]
    movements = [content.movement(judged(clip.load(vv.sample_rate), vv.sample_rate)) for clip in sentences]
    found = []
    for i in range(n_voices):
        asked = genders[i % len(genders)] if genders else None
        speaker = vv.sample(seed + i, gender=asked)
        waves = [vv.decode(code.edit(speaker=speaker), seed=seed) for code in codes]
        distances = [
            content.distance(movement, content.movement(judged(wave, vv.sample_rate)))
            for movement, wave in zip(movements, waves, strict=True)
        ]
        found.append(
            Sampled(
                asked,
                np.stack([judge.embed(wave, vv.sample_rate) for wave in waves]),
                np.stack([gender.features(wave, vv.config) for wave in waves]),
                np.array(distances),
            )
        )
        step()
    return found


def validate(embeddings: np.ndarray) -> None:
    """Raise ValueError unless there are finite embeddings `[V, S, D]` of at least two voices with two sentences."""
    if embeddings.ndim != 3 or min(embeddings.shape[:2]) < 2 or not np.isfinite(embeddings).all():
        raise ValueError("Give finite embeddings [voices, sentences, D], two voices and two sentences or more.")


def consistency(embeddings: np.ndarray) -> np.ndarray:
    """Of each voice in `[V, S, D]` the mean cosine between two of its sentences, `[V]`."""
    validate(embeddings)
    units = _units(embeddings)
    n = units.shape[1]
    cosines = np.einsum("vsd,vtd->vst", units, units)
    return (cosines.sum((1, 2)) - n) / (n * (n - 1))


def diversity(embeddings: np.ndarray) -> float:
    """1 - mean cosine between sentences of two voices in `[V, S, D]`."""
    validate(embeddings)
    means = _units(embeddings).mean(1)
    cosines = means @ means.T
    n = len(means)
    return float(1 - (cosines.sum() - np.trace(cosines)) / (n * (n - 1)))


def novelty(embeddings: np.ndarray, known: Mapping[str, np.ndarray]) -> np.ndarray:
    """Of each voice in `[V, S, D]` 1 - cosine with the nearest of the `known` speakers `[n, D]` each, `[V]`."""
    validate(embeddings)
    means = np.stack([_units(own).mean(0) for own in known.values()])
    return 1 - (_units(embeddings).mean(1) @ means.T).max(1)


def evaluate(
    voices: Sequence[Sampled],
    known: Mapping[str, np.ndarray],
    hearing: gender.GenderJudge | None,
    scale: Mapping[str, float],
) -> dict[str, Any]:
    """Everything about sampled voices.

    Args:
        known: embeddings `[n, D]` of each training speaker.
        hearing: None where the corpus says no genders.
        scale: same and different, as `content.scale` gives them.

    Returns:
        voices, sentences; consistency, its lowest; diversity; novelty, its lowest; content, the mean place on its
        scale; intelligible, the share of voices below a half there; gender, a share of the voices, or None.
    """
    embeddings = np.stack([voice.embeddings for voice in voices])
    own, new = consistency(embeddings), novelty(embeddings, known)
    span = scale["different"] - scale["same"]
    places = np.array([(voice.distances.mean() - scale["same"]) / span for voice in voices])
    return {
        "voices": len(voices),
        "sentences": embeddings.shape[1],
        "consistency": float(own.mean()),
        "consistency_lowest": float(own.min()),
        "diversity": diversity(embeddings),
        "novelty": float(new.mean()),
        "novelty_lowest": float(new.min()),
        "content": float(places.mean()),
        "intelligible": float(np.mean(places < INTELLIGIBLE)),
        "gender": None if hearing is None else _heard(voices, hearing),
    }


def _heard(voices: Sequence[Sampled], hearing: gender.GenderJudge) -> float:
    """Share of the voices whose mean features are heard as asked."""
    asked = [voice.asked or "" for voice in voices]
    features = np.stack([np.nanmean(voice.features, 0) for voice in voices])
    return gender.evaluate(asked, hearing.hear(features))["accuracy"]


def _units(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
