"""The grid of a stream: frames come in steps, as the content has one latent for several frames."""

import numpy as np

STEP_FRAMES = 2  # 25 ms


def shifted(window: np.ndarray, new: np.ndarray, kept: int = 0) -> np.ndarray:
    """`window` `[T, ...]` moved on by `new` `[n, ...]`, which stand before its last `kept` entries; those stay."""
    moved = np.empty_like(window)
    end = len(window) - kept
    moved[: end - len(new)] = window[len(new) : end]
    moved[end - len(new) : end], moved[end:] = new, window[end:]
    return moved
