"""F0 and loudness from each latent, how much each holds, and whether each factor is in one place."""

from collections.abc import Mapping
from typing import Any

from voicevae.evaluation import capacity, contour_probes, disentanglement, probes
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.latents import NAMES
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.table import PERCENT, Row, absent

CLIPS, QUICK_CLIPS = 160, 60
LIVELY_NATS = 0.1  # a step
TITLES = {"f0": "F0 contour", "loudness": "loudness"}
TARGETS = {("f0", "z_p"): (0.95, None), ("f0", "z_c"): (None, 0.10), ("loudness", "z_p"): (0.9, None)}


def steps(study: Study) -> int:
    return len(_clips(study)) + len(NAMES)


def run(study: Study) -> None:
    latents = study.latents(_clips(study))
    if len(latents) < 2:
        study.report.add("contours", None, [absent("F0 contour from z_p, R2", "fewer than two recordings")])
        return
    found = capacity.evaluate(latents)
    study.report.add("capacity", found, capacity_rows(found))
    test = probes.held_out([one.clip.speaker for one in latents], study.plan.seed)
    try:
        contours = contour_probes.evaluate(latents, test, study.plan.seed, study.step)
        study.report.add("contours", contours, contour_rows(contours))
        factors = disentanglement.evaluate(latents, test, study.plan.seed)
        study.report.add("disentanglement", factors, factor_rows(factors))
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add("contours", None, [absent("F0 and loudness from each latent, R2", why)])


def capacity_rows(found: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Rows of `capacity.evaluate`."""
    added = []
    for name, one in found.items():
        nats = one.get("kl_nats")
        lively = f"; {sum(value > LIVELY_NATS for value in nats)} above {LIVELY_NATS} nats" if nats else ""
        figure, beside = f"{name}: active units", f"of {one['dimensions']}{lively}"
        added.append(Row(figure, one["active_percent"], "%", at_least=80, beside=beside))
        if not nats:
            added.append(absent(f"{name}: rate", "its encoder gives no Gaussian"))
            continue
        rate, unit = (one["bits"], "bits") if one["bits_per_s"] is None else (one["bits_per_s"], "bits/s")
        std = sorted(nats)
        beside = (
            f"divergence of a dimension a {'recording' if unit == 'bits' else 'step'}: "
            f"{std[0]:.2f} to {std[-1]:.2f}, on average {sum(nats) / len(nats):.2f} nats"
        )
        added.append(Row(f"{name}: rate", rate, unit, beside=beside))
    return added


def contour_rows(found: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Rows of `contour_probes.evaluate`; that of z_s, one vector a recording, is 0 by construction and left out."""
    added = []
    for contour, title in TITLES.items():
        for name in ("z_p", "z_c"):
            one, (least, most) = found[contour][name], TARGETS.get((contour, name), (None, None))
            better = "higher" if name == "z_p" else "lower"
            row = Row(f"{title} from {name}, R2", one["r2"], "", one["interval"], least, most, better=better)
            added.append(row)
    return added


def factor_rows(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `disentanglement.evaluate`."""
    mig, apart = found["mig"], found["part_gap"]
    by_factor = ", ".join(f"{name} {value:.2f}" for name, value in mig.items())
    between = ", ".join(f"{name} {value:.2f}" for name, value in apart.items())
    informed = ", ".join(f"{name} {value:.2f}" for name, value in found["informativeness"].items())
    shares = "; ".join(
        f"{factor}: " + ", ".join(f"{name} {PERCENT * share:.0f} %" for name, share in own.items())
        for factor, own in found["shares"].items()
    )
    return [
        Row("MIG, between dimensions", sum(mig.values()) / len(mig), beside=by_factor, better="higher"),
        Row("MIG, between z_s, z_p, z_c", sum(apart.values()) / len(apart), beside=between, better="higher"),
        Row("DCI disentanglement", found["disentanglement"], beside=f"importance of {shares}", better="higher"),
        Row("DCI completeness", found["completeness"], beside=f"informativeness {informed}", better="higher"),
    ]


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
