"""Edits of a whole recording, and their effect on frames."""

from dataclasses import dataclass, fields

import numpy as np

from voicevae.errors import EditError
from voicevae.units import NATS_PER_SEMITONE

STRETCH_FRAMES = 1 << 13  # at a time, to bound the memory of a long recording
RANGES = {
    "pitch_semitones": (-24.0, 24.0),
    "pitch_range": (0.0, 4.0),
    "rate": (0.25, 4.0),
    "energy_db": (-40.0, 40.0),
    "formant_semitones": (-12.0, 12.0),
}


@dataclass(frozen=True)
class Edit:
    """What to change. The default changes nothing.

    pitch_semitones: added to the pitch. pitch_range: ratio of the excursions of log-F0 from its mean; 0 is monotone.
    rate: ratio, 2 is twice as fast. energy_db: added to the loudness. formant_semitones: added to the formants'
    frequencies.

    Whatever the order in which edits were asked for, a code is decoded in this one: the voice (another speaker's, or
    a style), formants, pitch range about the voice's mean, pitch, energy, rate. Edits of spans (`marks`) come upon the
    global ones, value by value: semitones and dB add, ratios multiply.

    Raises:
        EditError: a value that is no number or out of its range (`RANGES`).
    """

    pitch_semitones: float = 0.0
    pitch_range: float = 1.0
    rate: float = 1.0
    energy_db: float = 0.0
    formant_semitones: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not low <= value <= high:
                raise EditError(f"{name} is {value!r}; give a number from {low:g} to {high:g}.")

    def then(self, other: "Edit") -> "Edit":
        """This edit and then `other`: semitones and dB add, ratios multiply."""
        return Edit(
            self.pitch_semitones + other.pitch_semitones,
            self.pitch_range * other.pitch_range,
            self.rate * other.rate,
            self.energy_db + other.energy_db,
            self.formant_semitones + other.formant_semitones,
        )

    def __str__(self) -> str:
        changed = [f"{f.name}={getattr(self, f.name):g}" for f in fields(self) if getattr(self, f.name) != f.default]
        return ", ".join(changed) or "nothing"


def edit_contours(contours: np.ndarray, log_f0_mean: float, edit: Edit) -> np.ndarray:
    """Contours `[T, 3]` (ln Hz, voicing, dB) with edited pitch, energy, and range about `log_f0_mean` (ln Hz)."""
    log_f0, voicing, loudness_db = contours.T
    log_f0 = log_f0_mean + (log_f0 - log_f0_mean) * edit.pitch_range + edit.pitch_semitones * NATS_PER_SEMITONE
    return np.stack([log_f0, voicing, loudness_db + edit.energy_db], 1).astype(np.float32)


def read_at(frames: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`frames` `[T, C]` at `positions` `[n]` between 0 and T - 1, linearly interpolated; the last one is held."""
    out = np.empty((len(positions), frames.shape[1]), np.float32)
    for start in range(0, len(positions), STRETCH_FRAMES):
        position = np.minimum(positions[start : start + STRETCH_FRAMES], len(frames) - 1)
        before = position.astype(np.int64)
        after = np.minimum(before + 1, len(frames) - 1)
        weight = (position - before).astype(np.float32)[:, None]
        out[start : start + STRETCH_FRAMES] = frames[before] * (1 - weight) + frames[after] * weight
    return out
