"""How much each latent holds: active units, and the divergence from the prior, which bounds its rate.

A dimension is active where its posterior mean varies with the input: variance over steps above 0.01 (Burda et al.,
2016). A latent that is normalised by construction is active by construction; there the divergence tells more: the mean
over steps of KL(q || N(0, I)) of each dimension, in nats a step. Their sum, in bits, times the steps a second is what
the latent can carry at most.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.probes.contours import contour_clips
from voicevae.evaluation.probes.latents import NAMES, Latents
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import target

ACTIVE_VARIANCE = 0.01
LIVELY_NATS = 0.1  # a step
BITS_PER_NAT = 1 / np.log(2)


def validate(mean: np.ndarray, log_variance: np.ndarray | None) -> None:
    """Raise ValueError unless both are finite `[n, D]`, of at least two steps."""
    for array in (mean, mean if log_variance is None else log_variance):
        if array.ndim != 2 or array.shape != mean.shape or len(array) < 2 or not np.isfinite(array).all():
            raise ValueError("Give finite posteriors [n, D] of two steps or more.")


def active(mean: np.ndarray) -> np.ndarray:
    """`[D]` bool: which dimensions of posterior means `[n, D]` are in use."""
    return mean.var(0) > ACTIVE_VARIANCE


def divergence(mean: np.ndarray, log_variance: np.ndarray) -> np.ndarray:
    """KL(N(mean, exp(log_variance)) || N(0, I)) in nats of each step and dimension, `[n, D]`."""
    return 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance)


def evaluate(latents: Sequence[Latents]) -> dict[str, Any]:
    """Of z_s, z_p and z_c.

    Returns:
        dimensions; active_percent; and where the posterior has a standard deviation kl_nats, a step of each dimension;
        bits_per_s (None for z_s, which comes once a recording), bits a step.
    """
    found = {}
    for name in NAMES:
        mean = np.concatenate([one.mean[name] for one in latents])
        stds = [one.log_variance.get(name) for one in latents]
        log_variance = np.concatenate([s for s in stds if s is not None]) if all(s is not None for s in stds) else None
        validate(mean, log_variance)
        found[name] = {"dimensions": mean.shape[1], "active_percent": float(100 * active(mean).mean())}
        if log_variance is not None:
            nats = divergence(mean, log_variance).mean(0)
            bits = float(nats.sum() * BITS_PER_NAT)
            rate = None if name == "z_s" else latents[0].rate(name)
            found[name] |= {
                "kl_nats": nats.tolist(),
                "bits": bits,
                "bits_per_s": None if rate is None else bits * rate,
            }
    return found


def steps(study: Study) -> int:
    """Recordings."""
    return len(contour_clips(study))


def run(study: Study) -> None:
    """Add rows of active units and KL of each latent."""
    latents = study.latents(contour_clips(study))
    if len(latents) < 2:
        study.report.add("capacity", None, [absent("z_p: active units", "fewer than two recordings")])
        return
    found = evaluate(latents)
    study.report.add("capacity", found, rows(found), f"{study.plan.split}, {len(latents)} recordings")


def rows(found: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Rows of `evaluate`."""
    added = []
    for name, one in found.items():
        nats = one.get("kl_nats")
        lively = f"; {sum(value > LIVELY_NATS for value in nats)} above {LIVELY_NATS} nats" if nats else ""
        figure, beside = f"{name}: active units", f"of {one['dimensions']}{lively}"
        added.append(Row(figure, one["active_percent"], "%", **target("active units"), beside=beside))
        if not nats:
            added.append(absent(f"{name}: rate", "its encoder gives no Gaussian"))
            continue
        rate, unit = (one["bits"], "bits") if one["bits_per_s"] is None else (one["bits_per_s"], "bits/s")
        ordered = sorted(nats)
        beside = (
            f"divergence of a dimension a {'recording' if unit == 'bits' else 'step'}: "
            f"{ordered[0]:.2f} to {ordered[-1]:.2f}, on average {sum(nats) / len(nats):.2f} nats"
        )
        added.append(Row(f"{name}: rate", rate, unit, beside=beside))
    return added
