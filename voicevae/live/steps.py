"""The grid of a stream: frames come in steps, as a network costs little more for several frames than for one."""

import numpy as np

STEP_FRAMES = 3  # 37.5 ms
HELD_FRAMES = 4  # that the networks read after the newest one, and the vocoder makes: the newest again


def held(frames: np.ndarray) -> np.ndarray:
    """Frames `[T, ...]` and what is read in place of those after them, `[T + HELD_FRAMES, ...]`.

    Silence would be read as the end of speech: the error of a decoded mel is a half larger in variance.
    """
    return np.concatenate([frames, np.repeat(frames[-1:], HELD_FRAMES, 0)])


def shifted(window: np.ndarray, new: np.ndarray, kept: int = 0) -> np.ndarray:
    """`window` `[T, ...]` moved on by `new` `[n, ...]`, which stand before its last `kept` entries; those stay."""
    moved = np.empty_like(window)
    end = len(window) - kept
    moved[: end - len(new)] = window[len(new) : end]
    moved[end - len(new) : end], moved[end:] = new, window[end:]
    return moved
