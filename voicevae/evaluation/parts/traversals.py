"""What the most active dimensions of the latents move."""

from typing import Any

import numpy as np

from voicevae.errors import BundleError
from voicevae.evaluation import traversal
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.verbs.measure import MEASURES
from voicevae.verbs.traverse import LATENTS

CLIPS, QUICK_CLIPS = 6, 2
STEPS = 3
TOLD = 3
FIGURE = "traverse {}: of its ten most active dimensions, those that move something measured"


def steps(study: Study) -> int:
    return len(_clips(study)) * len(LATENTS)


def run(study: Study) -> None:
    for latent in LATENTS:
        try:
            effects = np.stack([_effects(study, clip, latent) for clip in _clips(study)])
        except BundleError as error:
            study.report.add(f"traverse {latent}", None, [absent(FIGURE.format(latent), str(error))])
            continue
        found = traversal.evaluate(effects, [name for name, _ in MEASURES])
        study.report.add(f"traverse {latent}", found, rows(latent, found))


def rows(latent: str, found: dict[str, Any]) -> list[Row]:
    """Rows of `traversal.evaluate`."""
    told = ", ".join(f"{name} {effect:+.2f}" for name, effect in found["effects"][:TOLD])
    return [
        Row(FIGURE.format(latent), PERCENT * found["named"], "%", beside=f"largest effects {told}", better="higher"),
        Row(
            f"traverse {latent}: of these, one way in all recordings",
            PERCENT * found["agreement"],
            "%",
            beside=f"{found['recordings']} speakers",
            better="higher",
        ),
    ]


def _effects(study: Study, clip: Clip, latent: str) -> np.ndarray:
    """`[dimensions, measures]`, of one recording."""
    rate = study.vv.sample_rate
    sweeps = study.vv.traverse(clip.load(rate), rate, latent=latent, steps=STEPS)
    study.step()
    return np.stack([sweep.effects for sweep in sweeps])


def _clips(study: Study) -> list[Clip]:
    """A recording of each of some speakers."""
    one_each = [own[0] for own in by_speaker(study.clips).values()]
    return draw_clips(one_each, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
