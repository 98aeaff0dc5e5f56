"""Mixtures of Gaussians: drawing from one, and the likelihood of a point."""

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
        x, means, covariances, weights = (
            torch.from_numpy(np.asarray(a, np.float64)) for a in (points, self.means, self.covariances, self.weights)
        )
        components = torch.distributions.MultivariateNormal(means, covariances)
        return (weights.log() + components.log_prob(x[:, None])).numpy()
