"""Blends: monotony of SECS along the line between two voices.

Nine blends from one voice to another say the same sentences. With the cosine of Resemblyzer's embeddings of each blend
and of an end's own speech, a line is monotone to an end if the cosine falls with every step away from it. The ends are
the converted voices themselves; beside them, how often the cosine with real recordings of the two speakers does the
same. For prosody the pitch range and the depth of loudness must move from one recording's to the other's, step by step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics import pitch
from voicevae.evaluation.pairs import Pair
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import target
from voicevae.features.contours import is_speech
from voicevae.speaker_encoder import Resemblyzer
from voicevae.units import SEMITONES_PER_NAT
from voicevae.voice import VoiceVAE

STEPS = 9
LOUD_PERCENTILE = 90
PAIRS, QUICK_PAIRS = 20, 6
SENTENCES, QUICK_SENTENCES = 8, 2


@dataclass(frozen=True, eq=False)
class Line:
    """Embeddings `[9, S, D]` of the blends' sentences, and of recordings of the two speakers `[n, D]`."""

    blends: np.ndarray
    first: np.ndarray
    last: np.ndarray


def voice_line(vv: VoiceVAE, pair: Pair, sentences: Sequence[Clip], encoder: Resemblyzer) -> Line:
    """From the voice of a pair's source clip to that of its reference, said by other speakers' `sentences`."""
    rate = vv.sample_rate
    ends = [vv.speaker(clip.load(rate), rate) for clip in (pair.source, pair.reference)]
    codes = [vv.encode(clip.load(rate), rate, residual=False) for clip in sentences]
    blends = [vv.blend(ends, [1 - share, share]) for share in np.linspace(0, 1, STEPS)]
    embeddings = [[encoder.embed(vv.decode(code.edit(speaker=one)), rate) for code in codes] for one in blends]
    last = [encoder.embed(clip.load(rate), rate) for clip in pair.others]
    return Line(np.array(embeddings), encoder.embed(pair.source.load(rate), rate)[None], np.stack(last))


def prosody_line(vv: VoiceVAE, one: Clip, other: Clip) -> np.ndarray:
    """Measured in nine blends of two recordings' prosody: pitch range (semitones) and depth (dB), `[9, 2]`."""
    rate = vv.sample_rate
    codes = [vv.encode(clip.load(rate), rate) for clip in (one, other)]
    waves = [vv.decode(vv.blend_prosody(codes, [1 - share, share])) for share in np.linspace(0, 1, STEPS)]
    tracks = [pitch.measure(wave, vv.config) for wave in waves]
    return prosodies(np.stack([_loudness_db(wave, rate) for wave in waves]), tracks)


def prosodies(loudness_db: np.ndarray, tracks: Sequence[pitch.Track]) -> np.ndarray:
    """Pitch range (semitones) and depth (dB) `[K, 2]` of loudness `[K, n]` and tracks of one sentence said `K` times.

    Over the same frames in all: those voiced in each, and those that are speech in each, whose mean lies so far below
    that of the loudest tenth; else a frame that fades below the edge of speech would make speech louder on average.
    """
    voiced = np.all([track.voiced for track in tracks], 0)
    speech = is_speech(loudness_db, np.percentile(loudness_db, 95, axis=1, keepdims=True)).all(0)
    middle = loudness_db.mean(0)
    loud = middle >= np.percentile(middle[speech], LOUD_PERCENTILE)
    std = [SEMITONES_PER_NAT * track.log_f0[voiced].std() if voiced.any() else 0.0 for track in tracks]
    return np.stack([std, loudness_db[:, loud].mean(1) - loudness_db[:, speech].mean(1)], 1)


def _loudness_db(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """Power of every 10 ms of a wave, dB."""
    frame = round(sample_rate / 100)
    power = np.square(wave[: len(wave) // frame * frame], dtype=np.float64).reshape(-1, frame).mean(1)
    return 10 * np.log10(power + 1e-12)


def validate(line: Line) -> None:
    """Raise ValueError unless there are finite embeddings of nine blends."""
    if line.blends.ndim != 3 or len(line.blends) != STEPS or not np.isfinite(line.blends).all():
        raise ValueError(f"Give finite embeddings [{STEPS}, sentences, D].")


def cosines(blends: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean cosine of each blend's sentences `[9, S, D]` with the same sentences of an `end` `[S, D]`, `[9]`."""
    units, others = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (blends, end))
    return np.einsum("ksd,sd->k", units, others) / len(others)


def mean_cosines(blends: np.ndarray, recordings: np.ndarray) -> np.ndarray:
    """Mean cosine of each blend's sentences `[9, S, D]` with all `recordings` `[n, D]`, `[9]`."""
    units, others = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (blends, recordings))
    return units.mean(1) @ others.mean(0)


def monotone(values: np.ndarray) -> bool:
    """Whether each of `values` `[n]` is above the one before."""
    return bool((np.diff(values) > 0).all())


def evaluate(lines: Sequence[Line], prosodies: Sequence[np.ndarray]) -> dict[str, Any]:
    """All lines between voices, and all between prosodies `[9, 2]`.

    Returns:
        pairs; monotone, the share of lines whose cosine falls to both ends' own speech; monotone_real, the same for
        recordings of the speakers; prosody_pairs; pitch_range and depth, the share that moves one way all along.
    """
    for line in lines:
        validate(line)
    own = [
        monotone(-cosines(line.blends, line.blends[0])) and monotone(cosines(line.blends, line.blends[-1]))
        for line in lines
    ]
    real = [
        monotone(-mean_cosines(line.blends, line.first)) and monotone(mean_cosines(line.blends, line.last))
        for line in lines
    ]
    one_way = np.array([[monotone(v) or monotone(-v) for v in one.T] for one in prosodies])
    return {
        "pairs": len(lines),
        "monotone": float(np.mean(own)),
        "monotone_real": float(np.mean(real)),
        "prosody_pairs": len(prosodies),
        "pitch_range": float(one_way[:, 0].mean()) if len(prosodies) else float("nan"),
        "depth": float(one_way[:, 1].mean()) if len(prosodies) else float("nan"),
    }


def evaluate_all(
    vv: VoiceVAE,
    pairs: Sequence[Pair],
    sentences: Sequence[Clip],
    encoder: Resemblyzer,
    step: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """`evaluate` of `pairs`; a line is said by the first two of `sentences` that are of neither speaker."""
    lines, prosodies = [], []
    for pair in pairs:
        others = [clip for clip in sentences if clip.speaker not in (pair.source.speaker, pair.target)]
        lines.append(voice_line(vv, pair, others[:2], encoder))
        prosodies.append(prosody_line(vv, pair.source, pair.reference))
        step()
    return evaluate(lines, prosodies)


def steps(study: Study) -> int:
    """Pairs; none without a speaker encoder."""
    return len(_pairs(study)) if study.originals.encoder else 0


def run(study: Study) -> None:
    """Add rows of SECS along blends."""
    encoder, pairs = study.originals.encoder, _pairs(study)
    if encoder is None or not pairs:
        why = f"resemblyzer is not installed; {EXTRA}" if encoder is None else "no two speakers"
        study.report.add("blending", None, [absent("blends: SECS to both ends monotone along nine steps", why)])
        return
    sentences = draw_clips(study.clips, study.plan.of(SENTENCES, QUICK_SENTENCES), study.plan.seed)
    found = evaluate_all(study.vv, pairs, sentences, encoder, study.step)
    study.report.add(
        "blending", found, rows(found), f"{study.plan.split}, {found['pairs']} pairs; Resemblyzer, swift-f0"
    )


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    beside = (
        f"{found['pairs']} pairs; to real recordings of both speakers {PERCENT * found['monotone_real']:.0f} % are, "
        "whose sentences differ"
    )
    pairs_read = f"{found['prosody_pairs']} pairs"
    return [
        Row(
            "blends: SECS to both ends monotone along nine steps",
            PERCENT * found["monotone"],
            "%",
            **target("blend: monotone"),
            beside=beside,
        ),
        Row(
            "prosody blends: pitch range monotone",
            PERCENT * found["pitch_range"],
            "%",
            **target("blend: monotone"),
            beside=pairs_read,
        ),
        Row(
            "prosody blends: loudness depth monotone",
            PERCENT * found["depth"],
            "%",
            **target("blend: monotone"),
            beside=pairs_read,
        ),
    ]


def _pairs(study: Study) -> list[Pair]:
    """Some of the pairs of all corpora, in turn, between speakers who leave a third to say the sentences."""
    own = [pairs for pairs in study.pairs.values() if len({pair.target for pair in pairs}) > 2] or [
        *study.pairs.values()
    ]
    wanted = study.plan.of(PAIRS, QUICK_PAIRS)
    turns = [pairs[i] for i in range(wanted) for pairs in own if i < len(pairs)]
    rng = np.random.default_rng(study.plan.seed)
    return [turns[i] for i in rng.permutation(len(turns))[:wanted]]
