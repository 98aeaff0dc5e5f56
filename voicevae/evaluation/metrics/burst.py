"""Bursts: frames that are louder than was asked for.

over_source     whether a frame of 25 ms lies more than 10 dB above the loudest of the source, both levelled by the
                median of their loud frames
over_asked_db   how far the loudness of the decoded wave lies above the loudness that was decoded for that frame and
                its neighbours, at most over the frames within 30 dB of the loudest, in dB: what the vocoder adds

Measured on conversions, and on pitch edits of as much as two octaves; a good vocoder has none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voicevae.code import Code
from voicevae.errors import AudioError
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics.editing import frame_power
from voicevae.evaluation.pairs import ACROSS, Pair
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import target
from voicevae.features import extract
from voicevae.voice import VoiceVAE

OVER_DB = 10.0
OVER_ASKED_DB = 3.0
LOUD_DB, PEAK_RANGE_DB = 20.0, 30.0  # below the 95th percentile; below the loudest
PAIRS, QUICK_PAIRS = 40, 4
CONVERSIONS = "conversions"
EDITS = {f"{semitones:+g} semitones": semitones for semitones in (12.0, -12.0, 24.0, -24.0)}


def validate(made: np.ndarray, source: np.ndarray) -> None:
    """Raise ValueError unless both waves are `[n]`, finite, and hold sound."""
    for wave in (made, source):
        if np.ndim(wave) != 1 or not np.isfinite(wave).all() or not np.any(wave):
            raise ValueError("Waves must be [n], finite and hold sound.")


def over_source(made: np.ndarray, source: np.ndarray, sample_rate: int) -> bool:
    """Whether `made` `[n]` has a frame that is 10 dB above the loudest of `source` `[m]`, at equal levels."""
    validate(made, source)
    above = [levels.max() - _level(levels) for levels in (_levels_db(wave, sample_rate) for wave in (made, source))]
    return bool(above[0] > above[1] + OVER_DB)


def over_asked_db(vv: VoiceVAE, code: Code, made: np.ndarray) -> float:
    """The largest of measured less asked loudness, in dB, where `made` `[n]` is what `code` decodes to."""
    measured, asked = extract(made, vv.config).loudness_db, vv.coder.decode(code)[1].loudness_db
    n = min(len(measured), len(asked))
    loud = measured[:n] > measured.max() - PEAK_RANGE_DB
    around = np.pad(asked[:n], 1, mode="edge")
    most = np.max([around[:-2], around[1:-1], around[2:]], 0)  # a window of analysis spans three frames
    return float((measured[:n] - most)[loud].max())


def evaluate(found: Mapping[str, Sequence[tuple[bool, float | None]]]) -> dict[str, dict[str, Any]]:
    """By what was made, of (`over_source`, `over_asked_db`) of each output.

    Returns:
        outputs; over_source, 0..1; and over_asked, 0..1, with worst_db, None where the voice has no coder.
    """
    result: dict[str, dict[str, Any]] = {}
    for name, outputs in found.items():
        excess = [db for _, db in outputs if db is not None]
        result[name] = {
            "outputs": len(outputs),
            "over_source": float(np.mean([burst for burst, _ in outputs])),
            "over_asked": float(np.mean(np.array(excess) >= OVER_ASKED_DB)) if excess else None,
            "worst_db": max(excess) if excess else None,
        }
    return result


def rows(found: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Rows of `evaluate`."""
    added = []
    for name, one in found.items():
        on = f"{ACROSS}, {one['outputs']} outputs"
        figure = f"{name}: with a frame {OVER_DB:g} dB above the loudest of the source"
        added.append(Row(figure, PERCENT * one["over_source"], "%", **target("burst"), on=on))
        figure = f"{name}: with a frame {OVER_ASKED_DB:g} dB above the loudness asked for"
        if one["over_asked"] is None:
            added.append(absent(figure, "this voice says no loudness"))
            continue
        worst = f"worst {one['worst_db']:+.1f} dB"
        added.append(Row(figure, PERCENT * one["over_asked"], "%", **target("burst"), beside=worst, on=on))
    return added


def steps(study: Study) -> int:
    """Pairs."""
    return len(_pairs(study))


def run(study: Study) -> None:
    """Add rows of bursts in conversions and pitch edits."""
    found: dict[str, list[tuple[bool, float | None]]] = {name: [] for name in (CONVERSIONS, *EDITS)}
    for pair in _pairs(study):
        try:
            for name, outcome in _measured(study.vv, pair).items():
                found[name].append(outcome)
        except AudioError as error:
            study.report.skipped.append(f"{pair.source.id}: {error}")
        study.step()
    result = evaluate({name: outputs for name, outputs in found.items() if outputs})
    study.report.add("burst", result, rows(result) or [absent("bursts", "no two speakers")])


def _measured(vv: VoiceVAE, pair: Pair) -> dict[str, tuple[bool, float | None]]:
    rate, source = vv.sample_rate, pair.source.load(vv.sample_rate)
    code = vv.encode(source, rate)
    codes = {CONVERSIONS: code.edit(vv.speaker(pair.reference.load(rate), rate))}
    codes |= {name: code.edit(pitch_semitones=semitones) for name, semitones in EDITS.items()}
    found: dict[str, tuple[bool, float | None]] = {}
    for name, one in codes.items():
        made = vv.decode(one)
        found[name] = over_source(made, source, rate), over_asked_db(vv, one, made) if hasattr(vv, "coder") else None
    return found


def _pairs(study: Study) -> list[Pair]:
    return next(iter(study.across.values()), [])[: study.plan.of(PAIRS, QUICK_PAIRS)]


def _levels_db(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    return 10 * np.log10(frame_power(wave, sample_rate) + 1e-12)


def _level(levels: np.ndarray) -> float:
    """Median of the loud frames' levels `[F]` in dB."""
    return float(np.median(levels[levels > np.percentile(levels, 95) - LOUD_DB]))
