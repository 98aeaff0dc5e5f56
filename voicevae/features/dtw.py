"""Mel-cepstra, and dynamic time warping of sequences."""

import numpy as np


def cepstra(mel: np.ndarray, n: int) -> np.ndarray:
    """Coefficients 1 to `n` of the orthonormal DCT-II of a mel `[T, n_mels]`: `[T, n]`, in the mel's nats."""
    bands = mel.shape[1]
    angles = np.pi / bands * (np.arange(bands) + 0.5)[:, None] * np.arange(1, n + 1)
    return mel.astype(np.float64) @ (np.sqrt(2 / bands) * np.cos(angles))


def square_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Between each of `a` `[n, D]` and each of `b` `[m, D]`: `[n, m]`."""
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)


def least_sums(cost: np.ndarray) -> np.ndarray:
    """Table `[n + 1, m + 1]` of the least sums of costs `[n, m]` from both beginnings.

    Dynamic time warping with steps (1, 1), (1, 0) and (0, 1) (Sakoe & Chiba, 1978), one antidiagonal at a time, so that
    nothing need be compiled.
    """
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for both in range(2, n + m + 1):
        i = np.arange(max(1, both - m), min(n, both - 1) + 1)
        j = both - i
        before = np.minimum(np.minimum(total[i - 1, j - 1], total[i - 1, j]), total[i, j - 1])
        total[i, j] = cost[i - 1, j - 1] + before
    return total


def path_to(total: np.ndarray, i: int, j: int) -> tuple[np.ndarray, np.ndarray]:
    """The path of the least sum to `i, j` of a `least_sums` table, as indices `[L]` into rows and columns of costs."""
    steps = []
    while i and j:
        steps.append((i - 1, j - 1))
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda at: total[at])
    rows, columns = zip(*reversed(steps), strict=True)
    return np.array(rows), np.array(columns)
