"""Edits of a span, as of one word: accuracy inside, leakage outside.

Of each clip the span from 0.3 to 0.6 of its length is raised by 3 semitones and 6 dB, and, by itself, spoken at rate
0.8; and the pitch range of all of it is widened. Frames within 50 ms of the span's ends are left out.

inside_cents, outside_cents  abs(measured - requested) F0 over frames voiced in both, pooled
inside_db, outside_db        the same for the level of frames that are speech
late_ms                      measured less requested duration, the worst clip
std_percent               standard deviation of log-F0 measured against 1.6 times the source's, median over clips
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from voicevae.edits import Edit
from voicevae.errors import AudioError
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics.pitch import MIN_FRAMES, Track, errors_cents, track
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import target
from voicevae.features import Frames, extract
from voicevae.voice import VoiceVAE

SPAN = (0.3, 0.6)
SEMITONES, DECIBELS, RATE, RANGE = 3.0, 6.0, 0.8, 1.6
EDGE_S = 0.05
CLIPS, QUICK_CLIPS = 40, 8
FIGURE = f"a span {SEMITONES:+g} semitones: median F0 error in it"
HOP_MS = 12.5


class Marked(NamedTuple):
    """Of one clip: errors of F0 (cents) and level (dB) in the span and elsewhere, `[n]` each; seconds too long;
    standard deviation of log-F0, measured over requested, NaN where too little is voiced."""

    inside_cents: np.ndarray
    outside_cents: np.ndarray
    inside_db: np.ndarray
    outside_db: np.ndarray
    late_s: float
    std: float


def measure(vv: VoiceVAE, wave: np.ndarray) -> Marked:
    """Edit one recording `[n]` at the rate of `vv`."""
    seconds = len(wave) / vv.sample_rate
    start_s, end_s = (share * seconds for share in SPAN)
    raised = vv.modulate(wave, vv.sample_rate, marks=[(start_s, end_s, Edit(SEMITONES, energy_db=DECIBELS))])
    slow = vv.modulate(wave, vv.sample_rate, marks=[(start_s, end_s, Edit(rate=RATE))])
    source, wide = extract(wave, vv.config), vv.modulate(wave, vv.sample_rate, pitch_range=RANGE)
    asked_s = seconds + (end_s - start_s) * (1 / RATE - 1)
    inside, outside = _sides(len(source), start_s, end_s, vv.config.frame_rate)
    return Marked(
        *compare(source, extract(raised, vv.config), inside, outside),
        len(slow) / vv.sample_rate - asked_s,
        std(track(source), track(extract(wide, vv.config))),
    )


def compare(
    source: Frames, raised: Frames, inside: np.ndarray, outside: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The first four of `Marked`, where `inside` and `outside` are frames `[T]`, bool."""
    cents, decibels = [], []
    spoken = source.contours.speech
    for where, semitones, level in ((inside, SEMITONES, DECIBELS), (outside, 0.0, 0.0)):
        requested = Track(source.log_f0, source.voiced & where).shifted(semitones)
        cents.append(errors_cents(requested, track(raised)))
        decibels.append(np.abs(raised.loudness_db - source.loudness_db - level)[spoken & where])
    return cents[0], cents[1], decibels[0], decibels[1]


def std(source: Track, wide: Track) -> float:
    """Standard deviation of log-F0 over the frames voiced in both, against `RANGE` times the source's."""
    both = source.voiced & wide.voiced
    if both.sum() < MIN_FRAMES:
        return float("nan")
    return float(wide.log_f0[both].std() / (RANGE * source.log_f0[both].std()))


def mark_all(vv: VoiceVAE, clips: Sequence[Clip], step: Callable[[], object]) -> tuple[list[Marked], list[str]]:
    """All clips measured, and one sentence for each that could not be; `step` is called after each."""
    measured, failed = [], []
    for clip in clips:
        try:
            measured.append(measure(vv, clip.load(vv.sample_rate)))
        except AudioError as error:
            failed.append(f"{clip.id}: {error}")
        step()
    return measured, failed


def evaluate(measured: Sequence[Marked]) -> dict[str, float]:
    """Medians, and p95 of F0 in the span, as the module says."""
    pooled = [np.concatenate([getattr(one, name) for one in measured]) for name in Marked._fields[:4]]
    stds = np.array([one.std for one in measured])
    medians = {
        name: float(np.median(x)) if len(x) else float("nan") for name, x in zip(Marked._fields, pooled, strict=False)
    }
    return {
        **medians,
        "inside_p95_cents": float(np.percentile(pooled[0], 95)) if len(pooled[0]) else float("nan"),
        "late_ms": 1000 * max(abs(one.late_s) for one in measured),
        "std_percent": 100 * float(np.nanmedian(np.abs(stds - 1))),
        "clips": len(measured),
    }


def _sides(n_frames: int, start_s: float, end_s: float, frame_rate: float) -> tuple[np.ndarray, np.ndarray]:
    time = np.arange(n_frames) / frame_rate
    inside = (time >= start_s + EDGE_S) & (time <= end_s - EDGE_S)
    return inside, (time < start_s - EDGE_S) | (time > end_s + EDGE_S)


def steps(study: Study) -> int:
    """Recordings."""
    return len(_clips(study))


def run(study: Study) -> None:
    """Add rows of accuracy within spans and leakage outside."""
    measured, failed = mark_all(study.vv, _clips(study), study.step)
    study.report.skipped += failed
    if not measured:
        study.report.add("spans", None, [absent(FIGURE, "no clip could be edited")])
        return
    found = evaluate(measured)
    study.report.add("spans", found, rows(found), f"{study.plan.split}, {len(measured)} recordings; swift-f0")


def rows(found: Mapping[str, float]) -> list[Row]:
    """Rows of `evaluate`."""
    f0 = f"95 % within {found['inside_p95_cents']:.0f} cents; elsewhere {found['outside_cents']:.1f} cents"
    level, clips = (
        f"elsewhere {found['outside_db']:.2f} dB",
        f"worst of {found['clips']:.0f} clips; a hop is {HOP_MS} ms",
    )
    return [
        Row(FIGURE, found["inside_cents"], "cents", **target("F0 error"), beside=f0),
        Row(
            f"a span {DECIBELS:+g} dB: median error in it",
            found["inside_db"],
            "dB",
            **target("energy error"),
            beside=level,
        ),
        Row(
            f"a span at rate {RATE:g}: error of duration",
            found["late_ms"],
            "ms",
            **target("span duration error"),
            beside=clips,
        ),
        Row(
            f"pitch range x {RANGE:g}: error of the std of log-F0",
            found["std_percent"],
            "%",
            **target("pitch range error"),
        ),
    ]


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
