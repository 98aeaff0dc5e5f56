"""Traversals: does a dimension of a latent move something that has a name, and the same on every voice?

Effects are those of `voicevae.verbs.traverse`, in standard deviations of the training recordings a standard deviation
of the dimension. What a dimension is named for is the measure with the largest effect on average over recordings.
"""

from collections.abc import Sequence

import numpy as np

from voicevae.verbs.traverse import LEAST_EFFECT


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
