"""Linear normalisation of voices: the optimal transport between two Gaussians.

The mean and covariance of the frames of a harmonic-free mel hold much of who speaks. The transport map between
Gaussians is linear, in closed form (Peyre & Cuturi, Computational Optimal Transport, 2019, remark 2.31):

    T = L^-T (L^T B L)^1/2 L^-1,  A = L L^T

for any root L of A; a triangular one is quicker than A^1/2.
"""

import numpy as np

from voicevae.features.statistics import PIECE_FRAMES, moments

RIDGE = 0.05  # nats squared; bounds what a direction without variance can be stretched to
PRIOR_FRAMES = 40.0  # a recording's covariance leans on the corpus' as if it were this many frames
DECODED_PRIOR_FRAMES = 3.0  # likewise what was decoded on the target's: a frame or two show no covariance


def transport(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Symmetric matrices `[..., D, D]` that take covariance `source` to `target` `[..., D, D]`: `(x - mean) @ T`."""
    a, b = (x.astype(np.float64) + RIDGE * np.eye(x.shape[-1]) for x in (source, target))
    try:
        root = np.linalg.cholesky(a)
    except np.linalg.LinAlgError:  # a file may hold what is no covariance
        values, vectors = np.linalg.eigh(a)
        root = vectors * np.sqrt(np.maximum(values, RIDGE))[..., None, :]
    inverse = np.linalg.inv(root)
    values, vectors = np.linalg.eigh(root.swapaxes(-1, -2) @ b @ root)
    middle = (vectors * np.sqrt(np.maximum(values, 0))[..., None, :]) @ vectors.swapaxes(-1, -2)
    return (inverse.swapaxes(-1, -2) @ middle @ inverse).astype(np.float32)


def shrunk(
    covariance: np.ndarray, n_frames: np.ndarray | float, prior: np.ndarray, prior_frames: float = PRIOR_FRAMES
) -> np.ndarray:
    """Covariance `[..., D, D]` of `n_frames` `[...]` frames, leaning on `prior` `[D, D]`, which counts as many as
    `prior_frames`."""
    trust = np.asarray(n_frames / (n_frames + prior_frames))[..., None, None]
    return trust * covariance + (1 - trust) * prior


def towards(
    mel: np.ndarray,
    speech: np.ndarray,
    mean: np.ndarray,
    covariance: np.ndarray,
    transported: float,
    shifted: float,
    overwrite: bool = False,
) -> np.ndarray:
    """A decoded mel `[T, D]` whose speech frames `[T]` (bool) are moved towards a Gaussian: by the share `transported`
    to its `covariance` `[D, D]`, by the share `shifted` to its `mean` `[D]`.

    What is left of the source's voice in a decoded mel, and what averaging has blurred, is in part linear: this undoes
    that part. A mean over a short recording is in part what that recording says, so to go all the way costs clarity.
    With `overwrite`, the result takes the place of `mel`.
    """
    if not speech.any():
        return mel
    n, own_mean, own = moments([(mel, speech)])
    whole = transport(shrunk(own, n, covariance, DECODED_PRIOR_FRAMES), covariance)
    matrix = np.float32(transported) * whole + np.float32(1 - transported) * np.eye(len(own), dtype=np.float32)
    own_mean = own_mean.astype(np.float32)
    centre = own_mean + np.float32(shifted) * (mean - own_mean)
    made = mel if overwrite else np.empty_like(mel)
    for start in range(0, len(mel), PIECE_FRAMES):
        piece = slice(start, start + PIECE_FRAMES)
        made[piece] = (mel[piece] - own_mean) @ matrix + centre
    return made
