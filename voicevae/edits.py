"""Edits of a whole recording, and their effect on frames.

An edit is a field of `Edit` that says all about itself: the command line's options, the page's sliders, and the table
of the guide follow from it.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from voicevae.errors import EditError
from voicevae.units import NATS_PER_SEMITONE

STRETCH_FRAMES = 1 << 13  # at a time, to bound the memory of a long recording


@dataclass(frozen=True)
class Control:
    """How an edit is given.

    low, high: its range. unit: "semitones", "ratio" or "dB". option: of the command line. label: of the slider, which
    goes over `slider` (low, high, step). help: what its values do. then: what two of them, one upon the other, make.
    """

    low: float
    high: float
    unit: str
    option: str
    label: str
    slider: tuple[float, float, float]
    help: str
    then: Callable[[float, float], float]


def control(default: float, **control: Any) -> Any:
    """A field of `Edit`: its value that changes nothing, and its `Control`."""
    return field(default=default, metadata={"control": Control(**control)})


@dataclass(frozen=True)
class Edit:
    """What to change. The default changes nothing.

    Whatever the order in which edits were asked for, a code is decoded in this one: the voice (another speaker's, or
    a style), formants, pitch range about the voice's mean, pitch, energy, rate. Edits of spans (`marks`) come upon the
    global ones, value by value: semitones and dB add, ratios multiply.

    Raises:
        EditError: a value that is no number or out of its range (`RANGES`).
    """

    pitch_semitones: float = control(
        0.0,
        low=-24.0,
        high=24.0,
        unit="semitones",
        option="--pitch",
        label="Pitch (semitones)",
        slider=(-12.0, 12.0, 0.1),
        help="raise (+3) or lower (-3) the pitch",
        then=operator.add,
    )
    pitch_range: float = control(
        1.0,
        low=0.0,
        high=4.0,
        unit="ratio",
        option="--pitch-range",
        label="Pitch range (ratio; 0 is monotone)",
        slider=(0.0, 3.0, 0.05),
        help="widen (1.5) or narrow (0.5) the intonation; 0 is monotone",
        then=operator.mul,
    )
    rate: float = control(
        1.0,
        low=0.25,
        high=4.0,
        unit="ratio",
        option="--rate",
        label="Rate (ratio; 2 is twice as fast)",
        slider=(0.5, 2.0, 0.05),
        help="speak faster (1.25) or slower (0.8)",
        then=operator.mul,
    )
    energy_db: float = control(
        0.0,
        low=-40.0,
        high=40.0,
        unit="dB",
        option="--energy",
        label="Energy (dB)",
        slider=(-12.0, 12.0, 0.5),
        help="louder (+6) or softer (-6)",
        then=operator.add,
    )
    formant_semitones: float = control(
        0.0,
        low=-12.0,
        high=12.0,
        unit="semitones",
        option="--formant",
        label="Formants (semitones; up is a smaller mouth)",
        slider=(-6.0, 6.0, 0.1),
        help="smaller (+2) or larger (-2) vocal tract",
        then=operator.add,
    )

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not low <= value <= high:
                raise EditError(f"{name} is {value!r}; give a number from {low:g} to {high:g}.")

    @staticmethod
    def of(changes: Mapping[str, Any]) -> "Edit":
        """The edit with `changes`, by name.

        Raises:
            EditError: a name that no edit has, or a value out of its range.

        >>> Edit.of({"rate": 2, "energy_db": -3})
        Edit(pitch_semitones=0.0, pitch_range=1.0, rate=2, energy_db=-3, formant_semitones=0.0)
        """
        unknown = sorted(set(changes) - set(CONTROLS))
        if unknown:
            raise EditError(f"There is no edit {', '.join(unknown)}; known are speaker, {', '.join(CONTROLS)}.")
        return Edit(**changes)

    def then(self, other: "Edit") -> "Edit":
        """This edit and then `other`: semitones and dB add, ratios multiply.

        >>> str(Edit(rate=0.5, pitch_semitones=1).then(Edit(rate=0.5, pitch_semitones=2)))
        'pitch_semitones=3, rate=0.25'
        """
        values = {n: one.then(getattr(self, n), getattr(other, n)) for n, one in CONTROLS.items()}
        return Edit(**values)

    def __str__(self) -> str:
        changed = [f"{f.name}={getattr(self, f.name):g}" for f in fields(self) if getattr(self, f.name) != f.default]
        return ", ".join(changed) or "nothing"


CONTROLS: dict[str, Control] = {one.name: one.metadata["control"] for one in fields(Edit)}
RANGES = {name: (one.low, one.high) for name, one in CONTROLS.items()}


def table() -> str:
    """All edits, as the table of docs/guide.md."""
    rows = ["| edit | option | unit | range | what it does |", "| --- | --- | --- | --- | --- |"]
    for name, one in CONTROLS.items():
        ranged = f"{one.low:g} to {one.high:g}, {getattr(Edit(), name):g} changes nothing"
        rows.append(f"| `{name}` | `{one.option}` | {one.unit} | {ranged} | {one.help} |")
    return "\n".join(rows) + "\n"


def edit_contours(contours: np.ndarray, log_f0_mean: float, edit: Edit) -> np.ndarray:
    """Contours `[T, 3]` (ln Hz, voicing, dB) with edited pitch, energy, and range about `log_f0_mean` (ln Hz)."""
    log_f0, voicing, loudness_db = contours.T
    log_f0 = log_f0_mean + (log_f0 - log_f0_mean) * edit.pitch_range + edit.pitch_semitones * NATS_PER_SEMITONE
    return np.stack([log_f0, voicing, loudness_db + edit.energy_db], 1).astype(np.float32)


def smoothed(values: np.ndarray, reach: int) -> np.ndarray:
    """Hann-weighted mean, `[T]`, of each of `values` `[T]` and `reach` of them before and after it, the ends held."""
    window = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(np.pad(values, reach, mode="edge"), window / window.sum(), "valid")


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
