"""Transfer of intonation: correlation with the reference at each mix, and what else changes.

Measured F0 is compared with the reference's, brought to the source's time without the verb's own alignment: by
dynamic time warping of the mel-cepstra of the two recordings where they read one sentence, else from the first voiced
frame to the last. The correlation is over the frames voiced in both, at each mix. Speaker: the cosine of Resemblyzer's
embeddings with other recordings of the source's speaker, below that of the unedited round trip. Content: the distance
of `content` from the source, on its scale: 0 is one sentence read twice, 1 two sentences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics import content, pitch
from voicevae.evaluation.metrics.pitch import Track
from voicevae.evaluation.metrics.similarity import mean_cosine
from voicevae.evaluation.originals import Originals, fixed_frames
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import target
from voicevae.features import Frames
from voicevae.verbs.alignment import align
from voicevae.voice import VoiceVAE

MIXES = (0.0, 0.5, 1.0)
EPSILON = 1e-9
PAIRS, QUICK_PAIRS = 20, 3  # of one sentence, and as many of two
OTHERS = 3
RISES = "transfer: contour correlation with the reference rises with the mix"
SPEAKER = "transfer: SECS with the speaker's recordings, below the round trip's"
CONTENT = "transfer: content distance, 0 same sentence, 1 another"
Trio = tuple[Clip, Clip, Sequence[Clip]]


@dataclass(frozen=True, eq=False)
class TransferFigures:
    """One pair: correlations `[3]` with the reference's contour at `MIXES`; cosines `[3]` with recordings of the
    source's speaker, and distances `[3]` from its content, None or NaN where there is nothing to compare with; same:
    whether both read one sentence."""

    correlations: np.ndarray
    cosines: np.ndarray | None
    distances: np.ndarray
    same: bool


def brought(reference: Track, source: Track, place: np.ndarray) -> Track:
    """The track of a reference `[T']` at frames `place` `[T]`, of the source's time; NaN there is nowhere."""
    known = np.isfinite(place)
    at = np.nan_to_num(place)
    nearest = np.clip(np.round(at).astype(int), 0, len(reference.voiced) - 1)
    log_f0 = np.interp(at, np.arange(len(reference.log_f0)), reference.log_f0)
    return Track(log_f0, reference.voiced[nearest] & known & source.voiced)


def place_by_words(source: Frames, reference: Frames) -> np.ndarray:
    """Frames of the reference at each of the source's `[T]`, by the cepstra of their speech."""
    one, other = content.movement(source), content.movement(reference)
    path = align(one, other)
    own, there = (np.flatnonzero(frames.contours.speech)[:: content.STEP] for frames in (source, reference))
    steps = np.unique(path.one)
    middles = np.array([there[path.other[path.one == step]].mean() for step in steps])
    place = np.interp(np.arange(len(source)), own[steps], middles)
    place[np.arange(len(source)) > own[steps[-1]]] = np.nan
    return place


def place_by_ends(source: Track, reference: Track) -> np.ndarray:
    """Likewise, from the first to the last voiced frame of both."""
    here, there = (np.flatnonzero(track.voiced)[[0, -1]] for track in (source, reference))
    return np.interp(np.arange(len(source.voiced)), here, there)


def transfer_figures(
    vv: VoiceVAE, source: Clip, reference: Clip, others: Sequence[Clip], originals: Originals, seed: int = 0
) -> TransferFigures:
    """What three mixes of a pair give; `others` are of the source's speaker."""
    rate, encoder = vv.sample_rate, originals.encoder
    code = vv.encode(source.load(rate), rate)
    wanted = vv.encode(reference.load(rate), rate, residual=False)
    frames, there = originals.frames(source), originals.frames(reference)
    track, intonation = pitch.track(frames), pitch.track(there)
    same = bool(source.text) and source.text == reference.text
    place = place_by_words(frames, there) if same else place_by_ends(track, intonation)
    aim = brought(intonation, track, place)
    waves = [vv.decode(vv.transfer(code, reference=wanted, mix=mix), seed) for mix in MIXES]
    made = [fixed_frames(wave, rate) for wave in waves]
    cosines = None
    if encoder is not None and others:
        known = [encoder.embed(clip.load(rate), rate) for clip in others]
        cosines = np.array([mean_cosine(encoder.embed(wave, rate), known) for wave in waves])
    return TransferFigures(
        np.array([pitch.correlation(aim, pitch.track(one)) for one in made]),
        cosines,
        np.array([content.between(originals, source, one) for one in made]),
        same,
    )


def measure_all(
    vv: VoiceVAE,
    pairs: Sequence[tuple[Clip, Clip, Sequence[Clip]]],
    originals: Originals,
    seed: int = 0,
    step: Callable[[], object] = lambda: None,
) -> tuple[list[TransferFigures], list[str]]:
    """All pairs of source, reference and others of the source's speaker; and a sentence for each that cannot be."""
    found, failed = [], []
    for source, reference, others in pairs:
        try:
            found.append(transfer_figures(vv, source, reference, others, originals, seed))
        except (VoiceVAEError, ValueError, IndexError) as error:
            failed.append(f"{source.id}, {reference.id}: {error}")
        step()
    return found, failed


def validate(measured: Sequence[TransferFigures]) -> None:
    """Raise ValueError unless there are pairs, each with a correlation at every mix."""
    if not measured or any(one.correlations.shape != (len(MIXES),) for one in measured):
        raise ValueError(f"Give at least one pair, with {len(MIXES)} correlations each.")


def evaluate(measured: Sequence[TransferFigures], scale: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Means over pairs.

    Args:
        scale: same and different, as `content.scale` gives them; None where nothing shows them.

    Returns:
        pairs, same (pairs of one sentence); correlation, a mean at each mix; rises, the share of pairs whose rises with
        each; secs_drop, from no mix to all of it, None without embeddings; content, the mean place on its scale at each
        mix, None without one.
    """
    validate(measured)
    correlations = np.stack([one.correlations for one in measured])
    known = np.isfinite(correlations).all(1)
    cosines = np.array([one.cosines for one in measured if one.cosines is not None])
    moved = np.stack([one.distances for one in measured])
    moved = moved[np.isfinite(moved).all(1)]
    places = (moved.mean(0) - scale["same"]) / (scale["different"] - scale["same"]) if scale and len(moved) else None
    return {
        "pairs": len(measured),
        "same": sum(one.same for one in measured),
        "correlation": correlations[known].mean(0).tolist() if known.any() else [float("nan")] * len(MIXES),
        "rises": float(np.mean((np.diff(correlations[known], axis=1) > EPSILON).all(1)))
        if known.any()
        else float("nan"),
        "secs_drop": float(np.mean(cosines[:, 0] - cosines[:, -1])) if len(cosines) else None,
        "content": None if places is None else places.tolist(),
    }


def steps(study: Study) -> int:
    """Pairs."""
    return len(_pairs(study))


def run(study: Study) -> None:
    """Add rows of F0 correlation, SECS and content at each mix."""
    measured, failed = measure_all(study.vv, _pairs(study), study.originals, study.plan.seed, study.step)
    study.report.skipped += failed
    if not measured:
        study.report.add("transfer", None, [absent(RISES, "no two recordings with voiced speech")])
        return
    found = evaluate(measured, _scale(study))
    study.report.add(
        "transfer", found, rows(found), f"{study.plan.split}, {found['pairs']} pairs; swift-f0, Resemblyzer"
    )


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    means = ", ".join(f"{value:.2f} at {mix:g}" for mix, value in zip(MIXES, found["correlation"], strict=True))
    beside = f"mean {means}; {found['pairs']} pairs, {found['same']} of one sentence"
    made = [Row(RISES, PERCENT * found["rises"], "%", **target("transfer: rises with the mix"), beside=beside)]
    if found["secs_drop"] is None:
        made.append(absent(SPEAKER, f"resemblyzer is not installed; {EXTRA}"))
    else:
        made.append(Row(SPEAKER, found["secs_drop"], "", **target("transfer: SECS drop")))
    if found["content"] is None:
        return [*made, absent(CONTENT, "no two speakers read one sentence")]
    before = f"{found['content'][0]:.2f} without"
    return [*made, Row(CONTENT, found["content"][-1], "", **target("transfer: content"), beside=before)]


def _pairs(study: Study) -> list[Trio]:
    """Pairs of one sentence, and pairs of two, the speakers of the sources in turn."""
    if not isinstance(study.vv, VoiceVAE):
        return []
    wanted, seed = study.plan.of(PAIRS, QUICK_PAIRS), study.plan.seed
    rng, own = np.random.default_rng(seed), by_speaker(study.clips)
    drawn = draw_clips(study.clips, len(study.clips), seed)
    found: list[Trio] = []
    for same in (True, False):
        kind: list[Trio] = []
        for clip in drawn:
            others = [o for o in study.clips if o.id != clip.id and (bool(o.text) and o.text == clip.text) == same]
            if others and len(kind) < wanted:
                reference = others[rng.integers(len(others))]
                kind.append((clip, reference, [o for o in own[clip.speaker] if o.id != clip.id][:OTHERS]))
        found += kind
    return found


def _scale(study: Study) -> dict[str, float] | None:
    """One sentence read twice and two sentences, the mean over corpora that show both."""
    known = (study.report.details.get("content") or {}).get("scales") or {
        name: content.scale(clips, partial(content.between, study.originals), study.plan.seed)
        for name, clips in by_corpus([clip for clip in study.clips if clip.text]).items()
    }
    both = [s for s in known.values() if s["same"] is not None and s["different"] is not None]
    return {name: float(np.mean([s[name] for s in both])) for name in ("same", "different")} if both else None
