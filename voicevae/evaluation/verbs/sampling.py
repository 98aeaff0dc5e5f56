"""Sampled voices: consistency, diversity and novelty.

Every voice says the same sentences, taken from different speakers. With the cosine of Resemblyzer's embeddings:

    consistency  mean cosine between two sentences of one voice
    diversity    1 - mean cosine between sentences of two voices
    novelty      1 - cosine with the nearest training speaker, a voice's mean over its sentences and that speaker's
                 recordings

Every second voice is asked to be of the first gender that the bundle knows, the others of the second, and a classifier
of F0 and formants says which it is. Content is the distance of `content` on its corpus' scale: 0 is one sentence read
by two speakers, 1 two sentences; below a half, the words are nearer to the same than to others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from voicevae.errors import BundleError
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics import content, gender
from voicevae.evaluation.originals import fixed_frames
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import target
from voicevae.speaker_encoder import Resemblyzer
from voicevae.verbs.voices import VoiceSpace
from voicevae.voice import VoiceVAE

VOICES = 20
INTELLIGIBLE = 0.5
SENTENCES, QUICK_SENTENCES = 8, 4
KNOWN, QUICK_KNOWN = 1000, 100  # speakers
LONGEST_S = 10.0
FIGURE = "sampled voices: SECS between sentences of one"
GENDERS = {"f": "female", "m": "male"}


@dataclass(frozen=True, eq=False)
class Sampled:
    """One voice: the gender asked for, and of each of its `S` sentences the embedding `[S, D]`, the features of the
    gender classifier `[S, 5]`, and the distance of its content from its source's `[S]`."""

    asked: str | None
    embeddings: np.ndarray
    features: np.ndarray
    distances: np.ndarray


def sample_all(
    vv: VoiceVAE,
    sentences: Sequence[Clip],
    encoder: Resemblyzer,
    genders: Sequence[str] = (),
    n_voices: int = VOICES,
    seed: int = 0,
    step: Callable[[], object] = lambda: None,
) -> list[Sampled]:
    """`n_voices` voices, seeds `seed` onwards, of `genders` in turn, each of which says all `sentences`."""
    codes = [vv.encode(clip.load(vv.sample_rate), vv.sample_rate, residual=False) for clip in sentences]
    movements = [content.movement(fixed_frames(clip.load(vv.sample_rate), vv.sample_rate)) for clip in sentences]
    found = []
    for i in range(n_voices):
        asked = genders[i % len(genders)] if genders else None
        speaker = vv.sample(seed + i, gender=asked)
        waves = [vv.decode(code.edit(speaker=speaker), seed=seed) for code in codes]
        distances = [
            content.distance(movement, content.movement(fixed_frames(wave, vv.sample_rate)))
            for movement, wave in zip(movements, waves, strict=True)
        ]
        found.append(
            Sampled(
                asked,
                np.stack([encoder.embed(wave, vv.sample_rate) for wave in waves]),
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
    classifier: gender.GenderClassifier | None,
    scale: Mapping[str, float],
) -> dict[str, Any]:
    """Everything about sampled voices.

    Args:
        known: embeddings `[n, D]` of each training speaker.
        classifier: None where the corpus says no genders.
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
        "gender": None if classifier is None else _gender_accuracy(voices, classifier),
    }


def _gender_accuracy(voices: Sequence[Sampled], classifier: gender.GenderClassifier) -> float:
    """Share of the voices whose mean features are classified as asked."""
    asked = [voice.asked or "" for voice in voices]
    features = np.stack([np.nanmean(voice.features, 0) for voice in voices])
    return gender.evaluate(asked, classifier.classify(features))["accuracy"]


def _units(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def steps(study: Study) -> int:
    """Sampled voices and known speakers; none without a speaker encoder."""
    return VOICES + len(_known(study)) if study.originals.encoder else 0


def run(study: Study) -> None:
    """Add rows of consistency, diversity and novelty; absent without a calibration."""
    encoder, vv = study.originals.encoder, study.vv
    if encoder is None:
        study.report.add("sampling", None, [absent(FIGURE, f"resemblyzer is not installed; {EXTRA}")])
        return
    try:
        genders = sorted(set(VoiceSpace.of(vv.bundle.calibration).names) - {""})
    except BundleError as error:
        study.report.add("sampling", None, [absent(FIGURE, str(error))])
        return
    known, sentences = _known(study), _sentences(study)
    waves = {}
    for clip in known:
        waves[clip] = clip.load(vv.sample_rate)[: round(LONGEST_S * vv.sample_rate)]
        study.step()
    embeddings = {clip.speaker: encoder.embed(wave, vv.sample_rate)[None] for clip, wave in waves.items()}
    voices = sample_all(vv, sentences, encoder, genders, seed=study.plan.seed, step=study.step)
    scale = _scale(study)
    found = evaluate(voices, embeddings, _classifier(study, waves), scale)
    found["known_speakers"] = len(known)
    study.report.add("sampling", found, rows(found), f"{study.plan.split}, {found['voices']} voices; Resemblyzer")


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    size = f"{found['voices']} voices, {found['sentences']} sentences each"
    lowest = f"lowest {found['consistency_lowest']:.2f}"
    made = [
        Row(FIGURE, found["consistency"], "", **target("sample: consistency"), beside=lowest),
        Row(
            "sampled voices: 1 - SECS between voices",
            found["diversity"],
            "",
            **target("sample: diversity"),
            beside=size,
        ),
        Row(
            "sampled voices: 1 - SECS to the nearest training speaker",
            found["novelty"],
            "",
            **target("sample: novelty"),
            beside=f"lowest {found['novelty_lowest']:.2f}; {found['known_speakers']} speakers",
        ),
        Row(
            "sampled voices: intelligible by content",
            PERCENT * found["intelligible"],
            "%",
            **target("sample: intelligible"),
            beside=f"mean place {found['content']:.2f}, 0 same sentence, 1 another",
        ),
    ]
    if found["gender"] is None:
        return [*made, absent("sampled voices: gender as asked", "the corpus says no genders")]
    return [
        *made,
        Row("sampled voices: gender as asked", PERCENT * found["gender"], "%", **target("sample: gender"), beside=size),
    ]


def _known(study: Study) -> list[Clip]:
    """The longest clip of each known speaker, of so many speakers."""
    longest = [max(own, key=lambda clip: clip.duration_s) for own in by_speaker(study.known).values()]
    return draw_clips(longest, study.plan.of(KNOWN, QUICK_KNOWN), study.plan.seed)


def _sentences(study: Study) -> list[Clip]:
    """The longest recordings of some speakers, drawn by the seed, or their first 10 s, which show a voice better."""
    longest = [max(own, key=lambda clip: clip.duration_s) for own in by_speaker(study.clips).values()]
    drawn = draw_clips(longest, study.plan.of(SENTENCES, QUICK_SENTENCES), study.plan.seed)
    return [replace(clip, start_s=0.0, duration_s=LONGEST_S) for clip in drawn]


def _scale(study: Study) -> dict[str, float]:
    """The scale of content over all corpora; where no two speakers read one sentence, 0 is no distance at all."""
    known = (study.report.details.get("content") or {}).get("scales") or {
        name: content.scale(clips, partial(content.between, study.originals), study.plan.seed)
        for name, clips in by_corpus(study.clips).items()
    }
    found = {name: [s[name] for s in known.values() if s[name] is not None] for name in ("same", "different")}
    return {
        name: float(np.mean(values)) if values else empty
        for (name, values), empty in zip(found.items(), (0.0, 1.0), strict=True)
    }


def _classifier(study: Study, waves: dict[Clip, np.ndarray]) -> gender.GenderClassifier | None:
    """Taught by known speakers whose gender the metadata says; None where that is one or none."""
    told = {clip: GENDERS.get(clip.gender.lower(), clip.gender.lower()) for clip in waves if clip.gender}
    if len(set(told.values())) < 2:
        return None
    features = np.stack([gender.features(waves[clip], study.vv.config) for clip in told])
    usable = np.isfinite(features).all(1)
    return gender.GenderClassifier(
        features[usable], [name for name, good in zip(told.values(), usable, strict=True) if good]
    )
