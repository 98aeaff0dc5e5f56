"""Missing frames, interpolated from both sides."""

import numpy as np


def bridge(frames: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """A copy of `frames` `[T, C]` with linear interpolation where `missing` `[T]` (bool); at an end the last one is
    held. Without any frame left, they are returned as they are."""
    bridged, left, place = frames.copy(), np.flatnonzero(~missing), np.flatnonzero(missing)
    if not len(left) or not len(place):
        return bridged
    after = np.searchsorted(left, place)
    first, last = left[np.maximum(after - 1, 0)], left[np.minimum(after, len(left) - 1)]
    weight = np.clip((place - first) / np.maximum(last - first, 1), 0, 1).astype(frames.dtype)[:, None]
    bridged[place] = frames[first] + (frames[last] - frames[first]) * weight
    return bridged
