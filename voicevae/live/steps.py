"""The grid of a stream: frames come in steps, as a network costs little more for several frames than for one."""

import numpy as np

STEP_FRAMES = 3  # 37.5 ms


def shifted(window: np.ndarray, new: np.ndarray, kept: int = 0) -> np.ndarray:
    """`window` `[T, ...]` moved on by `new` `[n, ...]`, which stand before its last `kept` entries; those stay."""
    moved = np.empty_like(window)
    end = len(window) - kept
    moved[: end - len(new)] = window[len(new) : end]
    moved[end - len(new) : end], moved[end:] = new, window[end:]
    return moved
