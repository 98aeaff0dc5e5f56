"""Traversals: the measures that each dimension of a latent moves, and whether they agree between voices.

Effects are those of `voicevae.verbs.traverse`, in standard deviations of the training recordings a standard deviation
of the dimension. What a dimension is named for is the measure with the largest effect on average over recordings.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voicevae.errors import BundleError
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.study import Study
from voicevae.verbs.measure import MEASURES
from voicevae.verbs.traverse import LATENTS, LEAST_EFFECT

CLIPS, QUICK_CLIPS = 6, 2
STEPS = 3
TOLD = 3
FIGURE = "traverse {}: of its ten most active dimensions, those that move something measured"


def validate(effects: np.ndarray) -> None:
    """Raise ValueError unless `effects` are finite `[recordings, dimensions, measures]` of something."""
    if effects.ndim != 3 or 0 in effects.shape or not np.isfinite(effects).all():
        raise ValueError(f"Effects must be finite [recordings, dimensions, measures], not {effects.shape}.")


def named(effects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of `effects` `[N, D, M]` the measure that each dimension moves most `[D]`, and its mean effect `[D]`."""
    validate(effects)
    mean = effects.mean(0)
    most = np.abs(mean).argmax(1)
    return most, mean[np.arange(len(most)), most]


def agreement(effects: np.ndarray) -> float:
    """Share of dimensions `[N, D, M]` whose named effect has one sign on all recordings."""
    most, mean = named(effects)
    own = effects[:, np.arange(len(most)), most]
    return float((np.sign(own) == np.sign(mean)).all(0).mean())


def evaluate(effects: np.ndarray, measures: Sequence[str]) -> dict[str, object]:
    """Shares of dimensions that have a name and that agree, and the names with their effects, the largest first."""
    most, mean = named(effects)
    order = np.argsort(-np.abs(mean))
    return {
        "recordings": len(effects),
        "dimensions": len(most),
        "named": float((np.abs(mean) >= LEAST_EFFECT).mean()),
        "agreement": agreement(effects),
        "effects": [(measures[most[d]], float(mean[d])) for d in order],
    }


def steps(study: Study) -> int:
    """Traversals of all recordings."""
    return len(_clips(study)) * len(LATENTS)


def run(study: Study) -> None:
    """Add rows of the effects of each dimension; absent without a calibration."""
    for latent in LATENTS:
        try:
            effects = np.stack([_effects(study, clip, latent) for clip in _clips(study)])
        except BundleError as error:
            study.report.add(f"traverse {latent}", None, [absent(FIGURE.format(latent), str(error))])
            continue
        found = evaluate(effects, [name for name, _ in MEASURES])
        study.report.add(
            f"traverse {latent}", found, rows(latent, found), f"{study.plan.split}, {found['recordings']} recordings"
        )


def rows(latent: str, found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
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
