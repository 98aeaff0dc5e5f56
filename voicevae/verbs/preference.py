"""A listener's preference, learned from choices between two.

The model is an ideal point: the nearer of two points to a hidden one is preferred, with a logistic error. Its utility,
-|x|^2 / 2 + t.x, is a Gaussian process with that quadratic mean and a linear kernel, because the ideal point t has a
Gaussian prior; its posterior is approximated by Laplace's method (Chu & Ghahramani, Preference learning with Gaussian
processes, 2005). The next pair lies on both sides of the best guess, along the direction of largest posterior variance,
so that each answer is worth about one bit (Canal et al., Active embedding search via noisy paired comparisons, 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 30
LONGEST_STEP = 3.0  # of Newton's method, in standard deviations of the prior
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two points `[K]`, and the preference: 1 the first, 0 the second, 0.5 neither."""

    first: np.ndarray
    second: np.ndarray
    preferred: float


@dataclass(frozen=True, eq=False)
class Belief:
    """Posterior of the ideal point: mean `[K]`, covariance `[K, K]`."""

    mean: np.ndarray
    covariance: np.ndarray

    def pair(self, width: float) -> tuple[np.ndarray, np.ndarray]:
        """Two points `[K]`, `width` standard deviations to each side of the mean, along the direction of largest
        variance."""
        variances, directions = np.linalg.eigh(self.covariance)
        direction = directions[:, -1] * np.sign(directions[np.abs(directions[:, -1]).argmax(), -1])
        away = width * np.sqrt(variances[-1]) * direction
        return self.mean + away, self.mean - away


def learn(comparisons: Sequence[Comparison], variances: np.ndarray, sharpness: float) -> Belief:
    """The posterior of the ideal point after some comparisons.

    Args:
        variances: of its prior, whose mean is 0, `[K]`.
        sharpness: of the listener's choices, in nats for each unit of difference in utility.
    """
    mean = np.zeros(len(variances))
    if not comparisons:
        return Belief(mean, np.diag(variances))
    apart = sharpness * np.stack([one.first - one.second for one in comparisons])
    offset = sharpness / 2 * np.array([one.first @ one.first - one.second @ one.second for one in comparisons])
    preferred = np.array([one.preferred for one in comparisons])
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-np.clip(apart @ mean - offset, -50, 50)))
        gradient = apart.T @ (preferred - share) - mean / variances
        precision = np.diag(1 / variances) + (apart.T * (share * (1 - share))) @ apart
        step = np.linalg.solve(precision, gradient)
        length = np.sqrt(step @ (step / variances))
        mean = mean + step * min(1.0, LONGEST_STEP / max(length, TOLERANCE))
        if length < TOLERANCE:
            break
    return Belief(mean, np.linalg.inv(precision))
