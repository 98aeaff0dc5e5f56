"""Linear normalisation of voices: the optimal transport between two Gaussians.

Much of who speaks lies in the mean and covariance of the frames of a harmonic-free mel. The transport map between
Gaussians is linear, in closed form (Peyre & Cuturi, Computational Optimal Transport, 2019, remark 2.31):

    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2
"""

import numpy as np
import torch
from torch import Tensor

RIDGE = 0.05  # nats squared; bounds what a direction without variance can be stretched to
PRIOR_FRAMES = 40.0  # covariances of short recordings lean on their prior by this many frames


def transport(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Symmetric matrices `[..., D, D]` that take covariance `source` to `target` `[..., D, D]`: `(x - mean) @ T`."""
    # By torch, not numpy: where both have threads of their own they wait for one another.
    a, b = (torch.from_numpy(x.astype(np.float64) + RIDGE * np.eye(x.shape[-1])) for x in (source, target))
    root, inverse = _roots(a)
    middle, _ = _roots(root @ b @ root)
    return (inverse @ middle @ inverse).float().numpy()


def shrunk(covariance: np.ndarray, n_frames: np.ndarray | float, prior: np.ndarray) -> np.ndarray:
    """Covariance `[..., D, D]` of `n_frames` `[...]` frames, leaning on `prior` `[D, D]` when they are few."""
    trust = np.asarray(n_frames / (n_frames + PRIOR_FRAMES))[..., None, None]
    return trust * covariance + (1 - trust) * prior


def _roots(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Square root and its inverse of symmetric positive matrices."""
    values, vectors = torch.linalg.eigh(matrix)
    roots = values.clamp_min(1e-8).sqrt()[..., None, :]
    return (vectors * roots) @ vectors.mT, (vectors / roots) @ vectors.mT
