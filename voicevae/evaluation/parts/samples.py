"""Voices that nobody has."""

from dataclasses import replace
from typing import Any

import numpy as np

from voicevae.errors import BundleError
from voicevae.evaluation import content, gender, sampling
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker, draw_clips
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.verbs.voices import VoiceSpace

SENTENCES, QUICK_SENTENCES = 8, 4
KNOWN, QUICK_KNOWN = 1000, 100  # speakers
LONGEST_S = 10.0
FIGURE = "sampled voices: SECS between sentences of one"
GENDERS = {"f": "female", "m": "male"}


def steps(study: Study) -> int:
    return sampling.VOICES + len(_known(study)) if study.originals.judge else 0


def run(study: Study) -> None:
    judge, vv = study.originals.judge, study.vv
    if judge is None:
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
    heard = {clip.speaker: judge.embed(wave, vv.sample_rate)[None] for clip, wave in waves.items()}
    voices = sampling.sample_all(vv, sentences, judge, genders, seed=study.plan.seed, step=study.step)
    scale = _scale(study)
    found = sampling.evaluate(voices, heard, _hearing(study, waves), scale)
    found["known_speakers"] = len(known)
    study.report.add("sampling", found, rows(found))


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `sampling.evaluate`."""
    size = f"{found['voices']} voices, {found['sentences']} sentences each"
    lowest = f"lowest {found['consistency_lowest']:.2f}"
    made = [
        Row(FIGURE, found["consistency"], "", None, 0.80, None, lowest),
        Row("sampled voices: 1 - SECS between voices", found["diversity"], "", None, 0.25, None, size),
        Row(
            "sampled voices: 1 - SECS to the nearest training speaker",
            found["novelty"],
            "",
            None,
            0.15,
            None,
            f"lowest {found['novelty_lowest']:.2f}; {found['known_speakers']} speakers",
        ),
        Row(
            "sampled voices: intelligible by content",
            PERCENT * found["intelligible"],
            "%",
            None,
            100.0,
            None,
            f"mean place {found['content']:.2f}, 0 same sentence, 1 another",
        ),
    ]
    if found["gender"] is None:
        return [*made, absent("sampled voices: gender as asked", "the corpus says no genders")]
    return [*made, Row("sampled voices: gender as asked", PERCENT * found["gender"], "%", None, 90.0, None, size)]


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
        name: content.scale(clips, study.originals.content_distance, study.plan.seed)
        for name, clips in by_corpus(study.clips).items()
    }
    found = {name: [s[name] for s in known.values() if s[name] is not None] for name in ("same", "different")}
    return {
        name: float(np.mean(values)) if values else empty
        for (name, values), empty in zip(found.items(), (0.0, 1.0), strict=True)
    }


def _hearing(study: Study, waves: dict[Clip, np.ndarray]) -> gender.GenderJudge | None:
    """Taught by known speakers whose gender the metadata says; None where that is one or none."""
    told = {clip: GENDERS.get(clip.gender.lower(), clip.gender.lower()) for clip in waves if clip.gender}
    if len(set(told.values())) < 2:
        return None
    features = np.stack([gender.features(waves[clip], study.vv.config) for clip in told])
    usable = np.isfinite(features).all(1)
    return gender.GenderJudge(
        features[usable], [name for name, good in zip(told.values(), usable, strict=True) if good]
    )
