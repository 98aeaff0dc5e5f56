"""Anomaly score: AUROC of damaged speech, and of other sounds, against speech.

Held-out clean recordings against the same ones damaged in each of the ways of `damage`. The AUROC is how often a
damaged one has the higher z of a pair, 0..1; that of minus the ELBO alone stands beside it. False alarms are clean
recordings above the 99th percentile of the training recordings: 1 in 100, were their speakers not new to the model.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from voicevae.errors import AudioError, BundleError
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.evaluation.targets import target
from voicevae.evaluation.verbs.damage import DAMAGES
from voicevae.voice import VoiceVAE

CLEAN = "clean"
ALARM_PERCENTILE = 99.0
STEPS = 1 + len(DAMAGES)  # of each clip
CLIPS, QUICK_CLIPS = 80, 20
FIGURE = "anomaly: mean AUROC of the score over kinds of damage"


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
