"""MIG and DCI over frames, with speaker, F0 and loudness as factors.

MIG  mutual information gap (Chen et al., 2018): of each factor, the mutual information with the best single
     dimension less that with the second best, over the factor's entropy. Parts of many dimensions that share a
     factor come out low: `part_gap` is the same between z_s, z_p and z_c, each with its best dimension.
DCI  (Eastwood & Williams, 2018): how concentrated the importances of a random forest are: disentanglement, each
     dimension serving one factor; completeness, each factor served by one dimension; informativeness, how well
     factors are predicted on utterances not seen.
shares  of those importances that fall to z_s, z_p and z_c, by factor.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.probes.contours import contour_clips, loudness, pitch
from voicevae.evaluation.probes.latents import NAMES, Latents
from voicevae.evaluation.probes.linear import held_out
from voicevae.evaluation.study import Study, missing

BINS = 20
FRAMES = 6000
TREES, DEPTH = 30, 12


def validate(codes: np.ndarray, factors: dict[str, np.ndarray]) -> None:
    """Raise ValueError unless codes `[n, D]` and every factor `[n]` are finite and as long."""
    if codes.ndim != 2 or not np.isfinite(codes).all() or not factors:
        raise ValueError("Give finite codes [n, D] and a factor.")
    if any(np.shape(factor) != (len(codes),) for factor in factors.values()):
        raise ValueError("Every factor needs a value for each frame.")


def binned(values: np.ndarray) -> np.ndarray:
    """Numbers `[n]` as one of 20 equally filled bins, labels and whole numbers as they are: `[n]` int."""
    if values.dtype.kind not in "fc":
        return np.unique(values, return_inverse=True)[1]
    edges = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
    return np.searchsorted(np.unique(edges), values, "right")


def information(codes: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Mutual information in nats of each dimension of `codes` `[n, D]` with `factor` `[n]`, both binned: `[D]`."""
    from sklearn.metrics import mutual_info_score

    known = binned(factor)
    return np.array([mutual_info_score(known, binned(column)) for column in codes.T])


def gap(found: np.ndarray, entropy: float) -> float:
    """The best of `found` `[D]` less the second best, over `entropy`."""
    second, best = np.sort(found)[-2:]
    return float((best - second) / entropy)


def concentration(weights: np.ndarray) -> float:
    """Of importances `[A, B]`: one less the entropy of each row over ln B, rows weighted by their sums; 0..1."""
    total = weights.sum(1)
    share = weights / np.maximum(total[:, None], 1e-12)
    entropy = -(share * np.log(np.maximum(share, 1e-12))).sum(1) / np.log(weights.shape[1])
    return float(((1 - entropy) * total).sum() / total.sum())


def evaluate(latents: Sequence[Latents], test: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """Of the voiced frames of utterances, of which those with `test` `[n]` bool test informativeness.

    Returns:
        mig and part_gap, by factor; disentanglement, completeness, 0..1; informativeness, by factor, accuracy of the
        speaker and R2 of the others; shares, by factor and latent.
    """
    codes, factors, tested, parts = _frames(latents, test, seed)
    validate(codes, factors)
    result: dict[str, Any] = {"mig": {}, "part_gap": {}, "informativeness": {}, "shares": {}}
    importances = []
    for factor, values in factors.items():
        found = information(codes, values)
        best = np.array([found[parts == name].max() for name in NAMES])
        entropy = float(information(values[:, None], values)[0])
        result["mig"][factor], result["part_gap"][factor] = gap(found, entropy), gap(best, entropy)
        weights, result["informativeness"][factor] = _forest(codes, values, tested, seed)
        importances.append(weights)
        result["shares"][factor] = {name: float(weights[parts == name].sum()) for name in NAMES}
    table = np.stack(importances, 1)
    return result | {"disentanglement": concentration(table), "completeness": concentration(table.T)}


def _frames(
    latents: Sequence[Latents], test: np.ndarray, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Codes `[n, D]`, factors `[n]`, whether a frame tests `[n]`, and whose each dimension is `[D]`."""
    voiced = [one.voiced & one.speech for one in latents]
    steps = [
        {name: np.arange(len(keep))[keep] // one.stride(name) for name in NAMES}
        for one, keep in zip(latents, voiced, strict=True)
    ]
    codes = np.concatenate(
        [
            np.concatenate([one.mean[name][at[name]] for name in NAMES], 1)
            for one, at in zip(latents, steps, strict=True)
        ]
    )
    factors = {
        "speaker": np.repeat([one.clip.speaker for one in latents], [keep.sum() for keep in voiced]),
        "F0": np.concatenate([pitch(one)[0][keep] for one, keep in zip(latents, voiced, strict=True)]),
        "loudness": np.concatenate([loudness(one)[0][keep] for one, keep in zip(latents, voiced, strict=True)]),
    }
    tested = np.repeat(test, [keep.sum() for keep in voiced])
    parts = np.repeat(NAMES, [latents[0].mean[name].shape[1] for name in NAMES])
    chosen = np.random.default_rng(seed).permutation(len(codes))[:FRAMES]
    return codes[chosen], {name: values[chosen] for name, values in factors.items()}, tested[chosen], parts


def _forest(codes: np.ndarray, values: np.ndarray, tested: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Importances `[D]`, which sum to 1, and accuracy or R2 on the frames that test."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if values.dtype.kind == "f" else RandomForestClassifier
    model = kind(TREES, max_depth=DEPTH, max_features="sqrt", random_state=seed)
    model.fit(codes[~tested], values[~tested])
    return model.feature_importances_, float(model.score(codes[tested], values[tested]))


def steps(study: Study) -> int:
    """Recordings."""
    return len(contour_clips(study))


def run(study: Study) -> None:
    """Add rows of MIG and DCI."""
    latents = study.latents(contour_clips(study))
    test = held_out([one.clip.speaker for one in latents], study.plan.seed)
    try:
        found = evaluate(latents, test, study.plan.seed)
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add("disentanglement", None, [absent("MIG, between z_s, z_p, z_c", why)])
        return
    study.report.add(
        "disentanglement", found, rows(found), f"{study.plan.split}, {len(latents)} recordings; random forests"
    )


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
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
