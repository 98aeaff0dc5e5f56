"""Anomaly score: AUROC of damaged speech, and of other sounds, against speech.

Held-out clean recordings against the same ones damaged in each of the ways of `DAMAGES`. The AUROC is how often a
damaged one has the higher z of a pair, 0..1; that of minus the ELBO alone stands beside it. False alarms are clean
recordings above the 99th percentile of the training recordings: 1 in 100, were their speakers not new to the model.

Damages take a wave `[n]`, its sample rate in Hz and a random generator, and give a wave; tones last as long as the
speech and are as loud.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import soxr

from voicevae.errors import AudioError, BundleError
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import target
from voicevae.voice import VoiceVAE

CLEAN = "clean"
ALARM_PERCENTILE = 99.0
CLIPS, QUICK_CLIPS = 80, 20
CLIPPED_AT = 0.1  # of the peak
GAP_S, GAPS_A_SECOND = 0.1, 3.0
SPEED = 4.0
TONE_S = 0.3
SCALE = (0, 2, 4, 5, 7, 9, 11)  # major, semitones
FIGURE = "anomaly: mean AUROC of the score over kinds of damage"


def reversed_(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Backwards."""
    return wave[::-1].copy()


def noise(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """With white noise of the same power, 0 dB."""
    return _float(wave + _rms(wave) * random.standard_normal(len(wave)))


def clipping(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Cut off at a tenth of its peak, and as loud as before."""
    limit = CLIPPED_AT * np.abs(wave).max()
    clipped = np.clip(wave, -limit, limit)
    return _float(clipped * _rms(wave) / _rms(clipped))


def dropouts(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Silent for 100 ms three times a second, at random places."""
    made, gap = wave.copy(), round(GAP_S * sample_rate)
    for start in random.integers(0, len(wave), max(round(GAPS_A_SECOND * len(wave) / sample_rate), 1)):
        made[start : start + gap] = 0
    return made


def fast(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Played at four times the speed, which raises the pitch, too."""
    return _float(soxr.resample(wave, SPEED, 1.0))


def tones(wave: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """A melody of decaying chords, as of a struck instrument, in place of the speech."""
    time = np.arange(len(wave)) / sample_rate
    made = np.zeros(len(wave))
    for start in np.arange(0, len(wave) / sample_rate, TONE_S):
        since = time - start
        struck = np.where(since >= 0, np.exp(-6 * np.maximum(since, 0)), 0)
        for step in random.choice(len(SCALE), 3, replace=False):
            hz = 220 * 2 ** ((SCALE[step] + 12 * random.integers(0, 2)) / 12)
            made += struck * sum(np.sin(2 * np.pi * hz * k * since) / k**2 for k in range(1, 6))
    return _float(made * _rms(wave) / _rms(made))


Damage = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
DAMAGES: dict[str, Damage] = {
    "reversed": reversed_,
    "0 dB noise": noise,
    "clipping": clipping,
    "dropouts": dropouts,
    "tones": tones,
    "4x speed": fast,
}
STEPS = 1 + len(DAMAGES)  # of each clip


class Scored(NamedTuple):
    """z, minus the ELBO in nats a frame, and percentile of one recording."""

    z: float
    nats: float
    percentile: float


def score_all(
    vv: VoiceVAE, clips: Sequence[Clip], seed: int = 0, step: Callable[[], object] = lambda: None
) -> dict[str, list[Scored]]:
    """Scores of `clips` by kind, "clean" and each damage; what is too short is left out."""
    found: dict[str, list[Scored]] = {name: [] for name in (CLEAN, *DAMAGES)}
    for i, clip in enumerate(clips):
        wave = clip.load(vv.sample_rate)
        kinds = {CLEAN: wave} | {
            name: damage(wave, vv.sample_rate, np.random.default_rng((seed, i))) for name, damage in DAMAGES.items()
        }
        for name, sound in kinds.items():
            try:
                score = vv.score(sound, vv.sample_rate)
                found[name].append(Scored(score.z, score.nats, score.percentile))
            except AudioError:
                pass
            step()
    return found


def validate(clean: Sequence[float], damaged: Sequence[float]) -> None:
    """Raise ValueError unless there are scores of both, all finite."""
    if not len(clean) or not len(damaged) or not np.isfinite([*clean, *damaged]).all():
        raise ValueError("Give finite scores of clean and of damaged recordings.")


def auroc(clean: Sequence[float], damaged: Sequence[float]) -> float:
    """How often a damaged recording scores higher than a clean one, ties by half; 0.5 is chance."""
    validate(clean, damaged)
    higher, same = np.less.outer(clean, damaged), np.equal.outer(clean, damaged)
    return float(np.mean(higher + 0.5 * same))


def evaluate(scores: Mapping[str, Sequence[Scored]]) -> dict[str, Any]:
    """All damages.

    Returns:
        recordings; auroc of each damage by name; mean and worst of these; elbo, the same dictionary for minus the ELBO
        alone, and elbo_mean; false_alarms, 0..1.
    """
    clean = scores[CLEAN]
    found = {}
    for name in ("z", "nats"):
        values = {kind: [getattr(one, name) for one in own] for kind, own in scores.items()}
        found[name] = {kind: auroc(values[CLEAN], own) for kind, own in values.items() if kind != CLEAN}
    return {
        "recordings": len(clean),
        "auroc": found["z"],
        "mean": float(np.mean([*found["z"].values()])),
        "worst": float(min(found["z"].values())),
        "elbo": found["nats"],
        "elbo_mean": float(np.mean([*found["nats"].values()])),
        "false_alarms": float(np.mean([one.percentile > ALARM_PERCENTILE for one in clean])),
    }


def steps(study: Study) -> int:
    """Scores of all recordings, clean and damaged."""
    return STEPS * len(_clips(study))


def run(study: Study) -> None:
    """Add rows of AUROC for each kind of damage; absent without a calibration."""
    try:
        scores = score_all(study.vv, _clips(study), study.plan.seed, study.step)
    except BundleError as error:
        study.report.add("anomaly", None, [absent(FIGURE, str(error))])
        return
    found = evaluate(scores)
    study.report.add("anomaly", found, rows(found), f"{study.plan.split}, {found['recordings']} recordings")


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    worst = min(found["auroc"], key=lambda name: found["auroc"][name])
    each = ", ".join(f"{name} {value:.2f}" for name, value in found["auroc"].items())
    alarms = f"of {found['recordings']} clean recordings; 1 % of those it was fitted to"
    return [
        Row(FIGURE, found["mean"], "", **target("anomaly: mean AUROC"), beside=each),
        Row("anomaly: worst AUROC", found["worst"], "", **target("anomaly: worst AUROC"), beside=worst),
        Row("anomaly: mean AUROC of minus the ELBO alone", found["elbo_mean"], "", better="higher"),
        Row("anomaly: false alarms", PERCENT * found["false_alarms"], "%", beside=alarms, better="lower"),
    ]


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)


def _rms(wave: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) or 1.0


def _float(wave: np.ndarray) -> np.ndarray:
    return wave.astype(np.float32)
