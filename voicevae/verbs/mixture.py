"""Mixtures of Gaussians: drawing from one, and the likelihood of a point."""

from dataclasses import dataclass

import numpy as np


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
        roots = np.linalg.cholesky(self.covariances.astype(np.float64))
        away = points[None].astype(np.float64) - self.means[:, None]
        white = np.linalg.solve(roots, away.swapaxes(1, 2))
        volume = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(1)
        constant = np.log(self.weights.astype(np.float64)) - volume - points.shape[1] / 2 * np.log(2 * np.pi)
        return (constant[:, None] - np.square(white).sum(1) / 2).T
