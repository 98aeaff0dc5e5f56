"""Confidence intervals by resampling speakers: recordings of one speaker are no independent evidence."""

from collections.abc import Callable, Sequence

import numpy as np

DRAWS = 1000
PERCENTILES = (2.5, 97.5)


def mean_of_means(groups: Sequence[np.ndarray]) -> float:
    """Mean over speakers of the mean of each one's values `[n]`: every speaker weighs the same."""
    return float(np.mean([group.mean() for group in groups]))


def interval(
    groups: Sequence[np.ndarray], statistic: Callable[[Sequence[np.ndarray]], float], seed: int = 0
) -> tuple[float, float] | None:
    """95 % percentile interval of `statistic` when speakers are drawn again with replacement.

    Args:
        groups: one array a speaker.
        statistic: of a list of such arrays.

    Returns:
        (low, high), or None for fewer than three speakers, which give no interval.
    """
    if len(groups) < 3:
        return None
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(groups), size=(DRAWS, len(groups)))
    values = [statistic([groups[i] for i in row]) for row in drawn]
    low, high = np.nanpercentile(values, PERCENTILES) if np.isfinite(values).any() else (np.nan, np.nan)
    return float(low), float(high)


def finite(groups: Sequence[Sequence[float]]) -> list[np.ndarray]:
    """The finite values of each group, without the groups that have none."""
    arrays = [np.asarray(group, float) for group in groups]
    return [kept for array in arrays if len(kept := array[np.isfinite(array)])]
