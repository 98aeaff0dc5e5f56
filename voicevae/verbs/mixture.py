"""Mixtures of Gaussians: drawing from one, and the likelihood of a point."""

import math
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True, eq=False)
class Mixture:
    """weights `[K]`, which sum to 1; means `[K, D]`; covariances `[K, D, D]`."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def draw(self, random: np.random.Generator, component: int) -> np.ndarray:
        """One point `[D]` of a component."""
        root = np.linalg.cholesky(self.covariances[component].astype(np.float64))
        return (self.means[component] + root @ random.standard_normal(len(root))).astype(np.float32)

    def log_densities(self, points: np.ndarray) -> np.ndarray:
        """Of each component at points `[n, D]`, its weight included: `[n, K]`, nats."""
        # By torch, not numpy: threads of both at once wait for one another.
        x, means, covariances, weights = (
            torch.from_numpy(np.asarray(a, np.float64)) for a in (points, self.means, self.covariances, self.weights)
        )
        root = torch.linalg.cholesky(covariances)
        away = torch.linalg.solve_triangular(root, (x[None] - means[:, None]).mT, upper=False)
        volume = root.diagonal(dim1=-2, dim2=-1).log().sum(-1) + 0.5 * x.shape[1] * math.log(2 * math.pi)
        return (weights.log() - volume - 0.5 * away.square().sum(1).T).numpy()

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """At points `[n, D]`: `[n]`, nats."""
        return np.logaddexp.reduce(self.log_densities(points), 1)
