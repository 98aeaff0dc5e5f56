"""Damaged speech, and what is no speech, as the score hears it."""

from typing import Any

from voicevae.errors import BundleError
from voicevae.evaluation import anomaly
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import PERCENT, Row, absent

CLIPS, QUICK_CLIPS = 80, 20
FIGURE = "anomaly: mean AUROC of the score over kinds of damage"


def steps(study: Study) -> int:
    return anomaly.STEPS * len(_clips(study))


def run(study: Study) -> None:
    try:
        scores = anomaly.score_all(study.vv, _clips(study), study.plan.seed, study.step)
    except BundleError as error:
        study.report.add("anomaly", None, [absent(FIGURE, str(error))])
        return
    found = anomaly.evaluate(scores)
    study.report.add("anomaly", found, rows(found))


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `anomaly.evaluate`."""
    worst = min(found["auroc"], key=lambda name: found["auroc"][name])
    each = ", ".join(f"{name} {value:.2f}" for name, value in found["auroc"].items())
    alarms = f"of {found['recordings']} clean recordings; 1 % of those it was fitted to"
    return [
        Row(FIGURE, found["mean"], "", None, 0.95, None, each),
        Row("anomaly: worst AUROC", found["worst"], "", None, 0.85, None, worst),
        Row("anomaly: mean AUROC of minus the ELBO alone", found["elbo_mean"], "", better="higher"),
        Row("anomaly: false alarms", PERCENT * found["false_alarms"], "%", beside=alarms, better="lower"),
    ]


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
