"""Content distance, without a recogniser: whether the same sounds come in the same order.

Of each recording the first 13 mel-cepstra of the speech frames of its harmonic-free mel, 40 a second, without their
mean and divided by one number, their standard deviation over all: what is left is how the vocal tract moves, and little
of whose it is or how it was recorded. The distance of two recordings is the mean Euclidean distance along the best
alignment.

A distance has a scale in the corpus: that of two speakers who read one sentence is 0, that of two speakers who read two
sentences is 1. The converted file keeps its source's timing, which two readings never share, so it may fall below 0.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from voicevae.evaluation.bootstrap import finite, interval, mean_of_means
from voicevae.evaluation.clips import Clip, by_corpus
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics.mcd import NO_PARALLEL, aligned, cepstra
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import by_target
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import Target, target
from voicevae.features import Frames

CEPSTRA = 13
STEP = 2  # frames: 40 a second of 80
MIN_STEPS = 5
SCALE_PAIRS = 100


def movement(frames: Frames) -> np.ndarray:
    """`[n, 13]`: cepstra of the speech in `originals.fixed_frames`, with mean 0 and, over all, standard deviation 1."""
    found = cepstra(frames, CEPSTRA)[frames.contours.speech][::STEP]
    found = found - found.mean(0)
    return found / max(float(np.sqrt(np.mean(found**2))), 1e-6)


def validate(a: np.ndarray, b: np.ndarray) -> None:
    """Raise ValueError unless both are finite `[n, D]` with the same D and at least five steps."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < MIN_STEPS:
        raise ValueError(f"Give two sequences [n, D] of at least {MIN_STEPS} steps.")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("Cepstra must be finite.")


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance along the alignment of two `movement`s; 0 for the same."""
    validate(a, b)
    return float(aligned(a, b).mean())


def between(originals: Originals, source: Clip, other: Clip | Frames) -> float:
    """`distance` of two clips, or of one and what was made of it; NaN where there is too little speech."""
    both = (originals.frames(source), other if isinstance(other, Frames) else originals.frames(other))
    moved = [movement(frames) for frames in both]
    return float("nan") if min(map(len, moved)) < MIN_STEPS else distance(*moved)


def scale_pairs(clips: Sequence[Clip], seed: int) -> tuple[list[tuple[Clip, Clip]], list[tuple[Clip, Clip]]]:
    """Up to 100 pairs of speakers who read one sentence, and 100 who read two, drawn by `seed`.

    Where no recording has a text, all are taken for different sentences.
    """
    rng = np.random.default_rng(seed)
    said = [clip for clip in clips if clip.text]
    same: list[tuple[Clip, Clip]] = []
    different: list[tuple[Clip, Clip]] = []
    for a, b in combinations(said or clips, 2):
        if a.speaker != b.speaker:
            (same if said and _words(a) == _words(b) else different).append((a, b))
    chosen = [[pairs[i] for i in rng.permutation(len(pairs))[:SCALE_PAIRS]] for pairs in (same, different)]
    return chosen[0], chosen[1]


def scale(clips: Sequence[Clip], distance_of: Callable[[Clip, Clip], float], seed: int) -> dict[str, Any]:
    """The scale of a corpus.

    Returns:
        same, different: mean distance of the pairs of `scale_pairs`, None where there is none; pairs_same,
        pairs_different; auc: how often a pair of the same sentence is the nearer one, 0..1.
    """
    same, different = ([distance_of(*pair) for pair in pairs] for pairs in scale_pairs(clips, seed))
    return {
        "same": float(np.mean(same)) if same else None,
        "different": float(np.mean(different)) if different else None,
        "pairs_same": len(same),
        "pairs_different": len(different),
        "auc": float(np.mean(np.less.outer(same, different))) if same and different else None,
    }


def evaluate(distances: Sequence[np.ndarray], same: float, different: float, seed: int = 0) -> dict[str, Any]:
    """Where conversions lie on the scale.

    Args:
        distances: between sources and converted files, one array `[n]` a target speaker.

    Returns:
        distance; position, 0 at `same` and 1 at `different`; position_interval.
    """
    found = mean_of_means(distances)
    placed = [(values - same) / (different - same) for values in distances]
    return {
        "distance": found,
        "same": same,
        "different": different,
        "position": mean_of_means(placed),
        "position_interval": interval(placed, mean_of_means, seed),
    }


def _words(clip: Clip) -> str:
    return "".join(c for c in clip.text.casefold() if c.isalnum())


def steps(study: Study) -> int:
    """Corpora with pairs."""
    return len(study.pairs)


def run(study: Study) -> None:
    """Add rows of the content distance of the conversions that were made before, for each corpus."""
    scales = {}
    for name, clips in by_corpus(study.clips).items():
        name = name or study.headline
        if name in study.pairs:
            scales[name] = scale(clips, partial(between, study.originals), study.plan.seed)
            study.step()
    ratio = _ratio(list(scales.values()))
    found = {"scales": scales, "same_over_different": ratio}
    headline = next(iter(study.done), "")
    added = [row for name in study.done for row in _place(study, name, scales[name], ratio, name == headline, found)]
    study.report.add("content", found, added)


def _ratio(scales: list[dict[str, Any]]) -> float | None:
    """Distance of one sentence over that of two, where a corpus shows both; the mean of such corpora."""
    ratios = [s["same"] / s["different"] for s in scales if s["same"] is not None and s["different"]]
    return float(np.mean(ratios)) if ratios else None


def _place(
    study: Study, name: str, scale: dict[str, Any], ratio: float | None, headline: bool, found: dict[str, Any]
) -> list[Row]:
    """Rows of one corpus; in a corpus without parallel sentences, 0 is that of the corpora with them."""
    groups = finite([[c.content for c in own] for own in by_target(study.done[name])])
    figure = f"{name}: content distance, 0 same sentence, 1 another"
    if ratio is None or scale["different"] is None or not groups:
        return [absent(figure, NO_PARALLEL)]
    borrowed = scale["same"] is None
    same = ratio * scale["different"] if borrowed else scale["same"]
    found[name] = placed = evaluate(groups, same, scale["different"], study.plan.seed)
    beside = (
        f"source to converted {placed['distance']:.2f}, two readings {same:.2f}"
        f"{' (by the ratio in other corpora)' if borrowed else ''}, two sentences {scale['different']:.2f}"
    )
    if scale["auc"] is not None:
        beside += f"; the distance tells these apart in {100 * scale['auc']:.0f} %"
    row = Row(
        figure,
        placed["position"],
        interval=placed["position_interval"],
        **(target("content distance") if headline else Target()),
        beside=beside,
        better="lower",
        on=f"{name}, {sum(map(len, groups))} conversions; mel-cepstra",
    )
    return [row]
