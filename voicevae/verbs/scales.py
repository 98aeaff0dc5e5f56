"""Musical scales, and contours drawn to one."""

import re

import numpy as np

from voicevae.errors import EditError
from voicevae.verbs.notes import LETTERS

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "chromatic": tuple(range(12)),
}
HYSTERESIS = 0.2  # semitones by which another tone of a scale must be nearer before it is taken


def scale(name: str) -> np.ndarray:
    """Semitones above C, in order, of a scale such as "C:major" or "F#:minor": `[n]`.

    Raises:
        EditError: an unknown tonic or scale.
    """
    tonic, _, kind = name.partition(":") if isinstance(name, str) else ("", "", "")
    match = re.fullmatch(r"([A-G])([#b]?)", tonic)
    if match is None or kind not in SCALES:
        raise EditError(f"tune is {name!r}; give a tonic and one of {', '.join(SCALES)}, such as C:major or F#:minor.")
    root = LETTERS[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]
    return np.sort((np.array(SCALES[kind]) + root) % 12)


def snapped(midi: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The tone of a scale (`steps` as of `scale`) for each of `midi` `[T]`.

    A contour stays on a tone until another is nearer by `HYSTERESIS`, so that it does not flicker between two.
    """
    tones = (12 * np.arange(-1, 12)[:, None] + steps).ravel().astype(np.float64)
    found = np.empty(len(midi))
    distances = np.abs(midi[:, None] - tones)
    nearest, now = distances.argmin(1), -1
    for t, best in enumerate(nearest):
        if now < 0 or distances[t, best] < distances[t, now] - HYSTERESIS:
            now = int(best)
        found[t] = tones[now]
    return found
