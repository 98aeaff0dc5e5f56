"""Linear normalisation of voices: the optimal transport between two Gaussians.

Much of who speaks lies in the mean and covariance of the frames of a harmonic-free mel. The transport map between
Gaussians is linear, in closed form (Peyre & Cuturi, Computational Optimal Transport, 2019, remark 2.31):

    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2
"""

import numpy as np

RIDGE = 0.05  # nats squared; bounds what a direction without variance can be stretched to
PRIOR_FRAMES = 40.0  # covariances of short recordings lean on their prior by this many frames


def transport(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Symmetric matrices `[..., D, D]` that take covariance `source` to `target` `[..., D, D]`: `(x - mean) @ T`."""
    ridge = RIDGE * np.eye(source.shape[-1])
    root, inverse = _roots(source.astype(np.float64) + ridge)
    middle, _ = _roots(root @ (target + ridge) @ root)
    return (inverse @ middle @ inverse).astype(np.float32)


def shrunk(covariance: np.ndarray, n_frames: np.ndarray | float, prior: np.ndarray) -> np.ndarray:
    """Covariance `[..., D, D]` of `n_frames` `[...]` frames, leaning on `prior` `[D, D]` when they are few."""
    trust = np.asarray(n_frames / (n_frames + PRIOR_FRAMES))[..., None, None]
    return trust * covariance + (1 - trust) * prior


def _roots(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Square root and its inverse of symmetric positive matrices."""
    values, vectors = np.linalg.eigh(matrix)
    roots = np.sqrt(np.maximum(values, 1e-8))[..., None, :]
    transposed = np.swapaxes(vectors, -1, -2)
    return (vectors * roots) @ transposed, (vectors / roots) @ transposed
