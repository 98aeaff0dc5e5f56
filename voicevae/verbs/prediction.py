"""Missing samples by linear prediction from both sides.

Least-squares autoregressive interpolation (Janssen, Veldhuis & Vries, IEEE Trans. ASSP 34, 1986): the missing samples
are those that minimise the prediction error of all samples about the gap. Except for the shortest gaps the order is
above the longest period of a voice, so that voiced sound continues. Of a gap too long to predict, only the edges are.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

ORDER_S = 0.0125  # a period at 80 Hz
BOTH, ONE = 3, 4  # orders of context on each of two sides, or on one
LEAST_S = 0.02  # of context
LONGEST_S = 0.04
RIDGE = 1e-4  # of the power: bounds the predictor where the context is nearly periodic


def interpolate(wave: np.ndarray, start: int, end: int, sample_rate: int) -> np.ndarray:
    """Samples `start`..`end` of `wave` `[n]`: float32 `[end - start]`.

    Of more than 40 ms, the first and last 20 ms are predicted, each from its side; the middle is silent.
    """
    n, longest = end - start, round(LONGEST_S * sample_rate)
    order = min(3 * n + 32, round(ORDER_S * sample_rate))  # as the paper recommends: three for each missing sample
    context = max((BOTH if n <= longest else ONE) * order, round(LEAST_S * sample_rate))
    before, after = (
        side.astype(np.float64) for side in (wave[max(start - context, 0) : start], wave[end : end + context])
    )
    if n <= longest:
        return _between(before, after, n, order)
    none, half = np.zeros(0), longest // 2
    silence = np.zeros(n - 2 * half, np.float32)
    edges = [_between(side, none, half, order) for side in (before, after[::-1])]
    return np.concatenate([edges[0], silence, edges[1][::-1]])


def _between(before: np.ndarray, after: np.ndarray, n: int, order: int) -> np.ndarray:
    """The `n` samples between two sides, or after the first if the second has none."""
    windows = [sliding_window_view(side, order + 1) for side in (before, after) if len(side) > 2 * order]
    if not windows:
        return np.zeros(n, np.float32)
    error = _error_filter(np.concatenate(windows))
    # Only prediction errors that involve a missing sample.
    known = np.concatenate([before[-order:], np.zeros(n), after[:order]])
    left = len(before[-order:])
    rows = sliding_window_view(known, order + 1)
    parts = np.zeros((len(rows), n))
    columns = np.arange(n)
    for lag, value in enumerate(error):
        inside = (row := columns + left - order + lag) < len(rows)
        inside &= row >= 0
        parts[row[inside], columns[inside]] = value
    square = parts.T @ parts + 1e-9 * np.eye(n)
    missing = np.linalg.solve(square, -parts.T @ (rows @ error[::-1]))
    limit = max(float(np.abs(side).max()) for side in (before, after) if len(side))
    return np.clip(missing, -2 * limit, 2 * limit).astype(np.float32)


def _error_filter(windows: np.ndarray) -> np.ndarray:
    """[1, -a_1, ..] of the linear prediction that explains the last column of `windows` `[m, order + 1]` best."""
    past, present = windows[:, -2::-1], windows[:, -1]
    correlation, order = past.T @ past, past.shape[1]
    ridge = RIDGE * np.trace(correlation) / order + 1e-12
    return np.concatenate([[1.0], -np.linalg.solve(correlation + ridge * np.eye(order), past.T @ present)])
