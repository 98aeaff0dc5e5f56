"""Repair: error within gaps, against that of a straight line.

A recording gets gaps of zeros, one a second, which are filled in three ways: by `VoiceVAE.repair`; by lines of its
samples; and by lines of its mel frames, between the nearest whose window leaves the gap out.

    mel error  mean |difference| of the ordinary log-mel from the recording's, over frames whose centre lies in a gap,
               in nats; both from 60 dB below the recording's loudest up. Waves are analysed again.
    PESQ-WB    of the whole wave; lines of mel frames are spoken by the same vocoder, F0 and voicing lines, too, and
               cross-faded within 6 ms on both sides
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics import quality
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import target
from voicevae.features import FeatureConfig, Frames, extract, ordinary_mel
from voicevae.features.gaps import bridge
from voicevae.units import NATS_PER_DB
from voicevae.voice import VoiceVAE

GAPS_MS = (40, 100, 200)
STEPS = len(GAPS_MS)  # a clip
SECONDS, LEAST_S = 6.0, 1.5  # of each clip at most, and at least
FIRST_S, EVERY_S = 0.5, 1.0  # middle of the first gap, and from one to the next
RANGE = NATS_PER_DB * 60.0  # of power
FADE_S = 0.006
WAYS = ("repaired", "samples", "frames")
CLIPS, QUICK_CLIPS = 24, 6


@dataclass(frozen=True)
class Repaired:
    """Of one recording and one length of gap: mel error in nats and PESQ by way (none where it cannot be rated), and
    how many samples outside the gaps the repair changed."""

    gap_ms: int
    mel_error: dict[str, float]
    pesq: dict[str, float]
    changed: int


def gaps(n_samples: int, gap_ms: int, sample_rate: int) -> list[tuple[int, int]]:
    """(start, end) in samples of a gap a second, none within a quarter of a second of the end."""
    length = round(gap_ms * sample_rate / 1000)
    middles = np.arange(FIRST_S, n_samples / sample_rate - 0.25 - gap_ms / 1000, EVERY_S)
    return [(start, start + length) for start in (round(m * sample_rate) - length // 2 for m in middles)]


def measure(vv: VoiceVAE, wave: np.ndarray, gap_ms: int) -> Repaired:
    """`wave` `[n]` at `vv.sample_rate`, with gaps, filled in."""
    rate = vv.sample_rate
    spans = gaps(len(wave), gap_ms, rate)
    outside = np.ones(len(wave), bool)
    for start, end in spans:
        outside[start:end] = False
    damaged = np.where(outside, wave, np.float32(0))
    made = {
        "repaired": vv.repair(damaged, rate, spans=[(start / rate, end / rate) for start, end in spans]),
        "samples": between_samples(damaged, spans),
        "frames": between_frames(vv, damaged, spans),
    }
    mel = ordinary_mel(wave, vv.config)
    mels = {way: ordinary_mel(one, vv.config) for way, one in made.items()}
    mels["frames"] = _bridged(ordinary_mel(damaged, vv.config), _touched(len(mel), spans, vv.config))
    errors = {way: mel_error(mel, one, spans, vv.config) for way, one in mels.items()}
    return Repaired(gap_ms, errors, _rated(wave, made, rate), int((made["repaired"] != damaged)[outside].sum()))


def mel_error(reference: np.ndarray, mel: np.ndarray, spans: Sequence[tuple[int, int]], config: FeatureConfig) -> float:
    """Mean |difference| in nats of log-mels `[T, n_mels]` over the frames whose centre lies in `spans` (samples)."""
    if reference.shape != mel.shape:
        raise ValueError("Log-mels must have the same shape [T, n_mels].")
    centres = np.arange(len(mel)) * config.hop_length
    inside = np.any([(centres >= start) & (centres < end) for start, end in spans], 0)
    floor = reference.max() - RANGE
    return float(np.abs(np.maximum(mel, floor) - np.maximum(reference, floor))[inside].mean())


def between_samples(wave: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """`wave` `[n]` with a straight line in each of `spans`."""
    made = wave.copy()
    for start, end in spans:
        made[start:end] = np.linspace(wave[start - 1], wave[end], end - start + 2)[1:-1]
    return made


def between_frames(vv: VoiceVAE, wave: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """`wave` `[n]` with what the vocoder says of straight lines between frames in each of `spans`."""
    frames = extract(wave, vv.config)
    frames = Frames.from_array(_bridged(frames.array(), _touched(len(frames), spans, vv.config)))
    blocks = vv.vocoder.synthesize(frames.mel, frames.contours.array())
    spoken = np.concatenate(list(blocks))[: len(wave)]
    made, fade = wave.copy(), round(FADE_S * vv.sample_rate)
    for start, end in spans:
        place = np.arange(start - fade, end + fade)
        near = np.minimum(place - start, end - 1 - place) + fade + 0.5
        share = 0.5 - 0.5 * np.cos(np.pi * np.clip(near / fade, 0, 1))
        made[place] += (share * (spoken[place] - made[place])).astype(np.float32)
    return made


def evaluate(found: Sequence[Repaired]) -> dict[int, dict[str, Any]]:
    """Means by length of gap in ms.

    Returns:
        clips; mel_error and pesq (None where none is rated), by way; to_samples and to_frames, the ratio of the
        repair's mean error to that of each line; changed, the sum.
    """
    if not found:
        raise ValueError("Give at least one repair.")
    result = {}
    for gap_ms in sorted({one.gap_ms for one in found}):
        own = [one for one in found if one.gap_ms == gap_ms]
        errors = {way: float(np.mean([one.mel_error[way] for one in own])) for way in WAYS}
        rated = [one.pesq for one in own if one.pesq]
        result[gap_ms] = {
            "clips": len(own),
            "mel_error": errors,
            "pesq": {way: float(np.mean([one[way] for one in rated])) for way in WAYS} if rated else None,
            "to_samples": errors["repaired"] / errors["samples"],
            "to_frames": errors["repaired"] / errors["frames"],
            "changed": sum(one.changed for one in own),
        }
    return result


def evaluate_all(
    vv: VoiceVAE, clips: Sequence[Clip], step: Callable[[], object] = lambda: None
) -> dict[int, dict[str, Any]]:
    """`evaluate` of the first 6 s of each of `clips`."""
    found = []
    for clip in clips:
        wave = clip.load(vv.sample_rate)[: round(SECONDS * vv.sample_rate)]
        for gap_ms in GAPS_MS:
            found.append(measure(vv, wave, gap_ms))
            step()
    return evaluate(found)


def _rated(wave: np.ndarray, made: Mapping[str, np.ndarray], sample_rate: int) -> dict[str, float]:
    """PESQ of each against `wave`; none without the package, or where it finds no speech in one of them."""
    if "pesq" in quality.missing():
        return {}
    try:
        return {way: quality.pesq(wave, one, sample_rate) for way, one in made.items()}
    except ValueError:
        return {}


def _touched(n_frames: int, spans: Sequence[tuple[int, int]], config: FeatureConfig) -> np.ndarray:
    """Frames `[T]` (bool) whose window touches one of `spans`."""
    centres, half = np.arange(n_frames) * config.hop_length, config.win_length // 2
    return np.any([(centres > start - half) & (centres < end + half) for start, end in spans], 0)


def _bridged(frames: np.ndarray, missing: np.ndarray) -> np.ndarray:
    return bridge(frames, missing)


def steps(study: Study) -> int:
    """Repairs of all recordings."""
    return STEPS * len(_clips(study))


def run(study: Study) -> None:
    """Add rows of mel error and PESQ within gaps."""
    if not _clips(study):
        why = f"no clip of {LEAST_S:g} s" if isinstance(study.vv, VoiceVAE) else "this voice repairs nothing"
        study.report.add("repairs", None, [absent("repair: mel error to that of lines", why)])
        return
    found = evaluate_all(study.vv, _clips(study), study.step)
    study.report.add("repairs", found, rows(found), f"{study.plan.split}, {len(_clips(study))} recordings")


def rows(found: Mapping[int, Mapping[str, Any]]) -> list[Row]:
    """Rows of `evaluate`."""
    rows = []
    for gap_ms, one in found.items():
        name, error, pesq = f"repair of {gap_ms} ms a second", one["mel_error"], one["pesq"]
        nats = f"{error['repaired']:.2f} against {error['frames']:.2f} nats, {one['clips']} clips"
        line = f"{error['repaired']:.2f} against {error['samples']:.2f} nats"
        rows += [
            Row(
                f"{name}: mel error to that of lines of mel frames",
                one["to_frames"],
                "",
                **target("repair: mel error to lines"),
                beside=nats,
            ),
            Row(
                f"{name}: mel error to that of lines of samples",
                one["to_samples"],
                "",
                **target("repair: mel error to lines"),
                beside=line,
            ),
        ]
        if pesq is None:
            rows.append(absent(f"{name}: PESQ-WB above lines", "pesq is not installed, or finds no speech"))
        else:
            best = max(pesq["frames"], pesq["samples"])
            beside = f"{pesq['repaired']:.2f}; lines of frames {pesq['frames']:.2f}, of samples {pesq['samples']:.2f}"
            rows.append(
                Row(
                    f"{name}: PESQ-WB above lines",
                    pesq["repaired"] - best,
                    "",
                    **target("repair: PESQ above lines"),
                    beside=beside,
                )
            )
    changed = sum(one["changed"] for one in found.values())
    return [*rows, Row("repair: samples changed outside the gaps", changed, "", **target("repair: samples changed"))]


def _clips(study: Study) -> list[Clip]:
    if not isinstance(study.vv, VoiceVAE):
        return []
    long = [clip for clip in study.clips if clip.duration_s >= LEAST_S]
    return draw_clips(long, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
