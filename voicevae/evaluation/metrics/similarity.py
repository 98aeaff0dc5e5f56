"""Speaker similarity: SECS, closure and EER.

Every pair gives three figures, each the mean cosine with those utterances of the target that are neither the reference
nor held out:

    SECS     the converted file
    floor    the source: what doing nothing gives
    ceiling  the held-out utterance of the target: what the target itself gives

closure = (SECS - floor) / (ceiling - floor), of their means. (A cosine with the mean embedding of these utterances
instead would make a target's three figures larger by one factor, some 1.1, which closure does not see.) EER is the
equal-error rate of telling held-out from converted utterances by these figures, in percent; 50 is perfect. Means are
taken over target speakers, each with the mean of its own pairs; intervals are bootstrapped over target speakers.
Embeddings are Resemblyzer's, with its own volume normalisation and trimming of silence; it takes no part in training.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from voicevae.evaluation.bootstrap import interval, mean_of_means


class Scores(NamedTuple):
    """The mean cosines, -1..1, of one pair."""

    target: str
    secs: float
    floor: float
    ceiling: float


def validate(scores: Sequence[Scores]) -> None:
    """Raise ValueError unless there are scores and all are cosines."""
    values = np.array([score[1:] for score in scores], float)
    if not len(values) or not (np.abs(values) <= 1 + 1e-6).all():
        raise ValueError("Give at least one pair, with cosines from -1 to 1.")


def mean_cosine(embedding: np.ndarray, others: Sequence[np.ndarray]) -> float:
    """Mean over `others` `[D]` of the cosine of the angle between each and `embedding` `[D]`."""
    units = [other / np.linalg.norm(other) for other in others]
    return float(embedding @ np.mean(units, 0) / np.linalg.norm(embedding))


def closure(secs: float, floor: float, ceiling: float) -> float:
    """Share of the way from floor to ceiling; NaN where the ceiling is not above the floor."""
    return (secs - floor) / (ceiling - floor) if ceiling > floor else float("nan")


def equal_error_rate(genuine: np.ndarray, impostor: np.ndarray) -> float:
    """Percent of errors at the threshold where they are equally many in both.

    Args:
        genuine: scores `[n]`, which should lie above the threshold.
        impostor: scores `[m]`, which should lie below it.
    """
    thresholds = np.append(np.unique(np.concatenate([genuine, impostor])), np.inf)
    missed = np.searchsorted(np.sort(genuine), thresholds, "left") / len(genuine)
    accepted = 1 - np.searchsorted(np.sort(impostor), thresholds, "left") / len(impostor)
    after = int(np.argmax(missed >= accepted))
    if after == 0 or missed[after] == accepted[after]:
        return float(100 * missed[after])
    gap = accepted - missed
    weight = gap[after - 1] / (gap[after - 1] - gap[after])
    return float(100 * (missed[after - 1] + weight * (missed[after] - missed[after - 1])))


def evaluate(scores: Sequence[Scores], seed: int = 0) -> dict[str, Any]:
    """Everything about the pairs of one or several corpora.

    Returns:
        pairs, speakers (targets); secs, floor, ceiling, -1..1; closure, share; eer, percent; and of each its
        `<name>_interval`, (low, high) or None.
    """
    validate(scores)
    names = sorted({score.target for score in scores})
    groups = [np.array([score[1:] for score in scores if score.target == name]) for name in names]
    statistics: dict[str, Callable[[Sequence[np.ndarray]], float]] = {
        "secs": lambda drawn: _means(drawn)[0],
        "floor": lambda drawn: _means(drawn)[1],
        "ceiling": lambda drawn: _means(drawn)[2],
        "closure": lambda drawn: closure(*_means(drawn)),
        "eer": lambda drawn: equal_error_rate(np.concatenate(drawn)[:, 2], np.concatenate(drawn)[:, 0]),
    }
    result: dict[str, Any] = {"pairs": len(scores), "speakers": len(groups)}
    for name, statistic in statistics.items():
        result[name] = float(statistic(groups))
        result[f"{name}_interval"] = interval(groups, statistic, seed)
    return result


def _means(groups: Sequence[np.ndarray]) -> tuple[float, float, float]:
    """Means of SECS, floor and ceiling of groups `[n, 3]`."""
    secs, floor, ceiling = (mean_of_means([group[:, i] for group in groups]) for i in range(3))
    return secs, floor, ceiling
