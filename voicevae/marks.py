"""Edits of spans: a word louder, a phrase slower.

    code.edit(rate=0.9, marks=[(0.42, 0.80, Edit(pitch_semitones=2, energy_db=3))])

A recording with marks is a row of pieces, each with one edit: the sum of the global one and that of its mark. Pitch,
range, energy and formants cross-fade over `RAMP_S` about each boundary: frames further away have one edit only.
Time is stretched within the span and nowhere else, with no ramp, so that the piece's length is exact.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from voicevae.edits import Edit
from voicevae.errors import EditError

RAMP_S = 0.04
TOUCHING_S = 1e-3  # smaller gaps are closed
BEYOND_S = 0.02  # how far the last word's end may lie after the sound's, as aligners have it; it is cut


class Mark(NamedTuple):
    """A span of a recording, in seconds before any edit, and its edit."""

    start_s: float
    end_s: float
    edit: Edit


@dataclass(frozen=True)
class Piece:
    """One edit from `start` to `end`, in frames or samples."""

    start: float
    end: float
    edit: Edit


def checked(marks: Iterable[Any], duration_s: float) -> tuple[Mark, ...]:
    """`marks`, each (start_s, end_s, Edit), of a recording of `duration_s`, in order of time.

    Raises:
        EditError: a mark that is malformed, empty, reversed, outside the recording, or overlaps another.

    >>> [mark.start_s for mark in checked([(1.0, 1.5, Edit(rate=0.8)), (0.2, 0.4, Edit(energy_db=3))], 2.0)]
    [0.2, 1.0]
    """
    found = sorted((_mark(one, duration_s) for one in marks), key=lambda mark: mark.start_s)
    for one, two in zip(found[:-1], found[1:], strict=True):
        if two.start_s < one.end_s:
            raise EditError(f"The marks {_span(one)} and {_span(two)} overlap; start the second at {one.end_s:g} s.")
    return tuple(found)


def pieces(edit: Edit, marks: Sequence[Mark], length: float, per_second: float) -> list[Piece]:
    """The pieces of a recording by its `marks`, in order, and a global `edit`; neighbours differ.

    Args:
        length: of the recording, in frames or samples; per_second: how many of these a second has.

    Raises:
        EditError: the sum of a mark's edit and the global one is out of range.
    """
    found: list[Piece] = []
    at, touching = 0.0, TOUCHING_S * per_second
    for mark in marks:
        start, end = mark.start_s * per_second, mark.end_s * per_second
        if start - at > touching:
            _append(found, Piece(at, start, edit))
        else:
            start = at
        at = length if length - end <= touching else end
        _append(found, Piece(start, at, edit.then(mark.edit)))
    if at < length:
        _append(found, Piece(at, length, edit))
    return found


def edited(frames: np.ndarray, row: Sequence[Piece], ramp: float, edit: Callable[..., np.ndarray]) -> np.ndarray:
    """`frames` `[T, C]` of which each of the `row` of pieces is `edit(frames, piece.edit)`, with cross-fades of `ramp`
    frames between them."""
    if len(row) == 1:
        return edit(frames, row[0].edit)
    out = np.zeros_like(frames)
    for i, piece in enumerate(row):
        first = 0 if i == 0 else max(math.floor(piece.start - ramp / 2), 0)
        last = len(frames) if i == len(row) - 1 else min(math.ceil(piece.end + ramp / 2), len(frames))
        time = np.arange(first, last)
        share = np.ones(last - first) if i == 0 else _risen(time - piece.start, ramp)
        if i < len(row) - 1:
            share = share - _risen(time - piece.end, ramp)
        out[first:last] += share.astype(np.float32)[:, None] * edit(frames[first:last], piece.edit)
    return out


def length(row: Iterable[Piece]) -> float:
    """Duration of the `row` of pieces at their rates, in its unit."""
    return sum((piece.end - piece.start) / piece.edit.rate for piece in row)


def positions(row: Sequence[Piece], n_frames: int) -> np.ndarray:
    """Position in the recording, in frames, of each frame after the rates of the `row`: `[n_frames]`."""
    rates = np.array([piece.edit.rate for piece in row])
    starts = np.array([piece.start for piece in row])
    edited_at = np.concatenate([[0.0], np.cumsum([(piece.end - piece.start) / piece.edit.rate for piece in row[:-1]])])
    frame = np.arange(n_frames)
    which = np.searchsorted(edited_at, frame, side="right") - 1
    return starts[which] + (frame - edited_at[which]) * rates[which]


def _risen(time: np.ndarray, ramp: float) -> np.ndarray:
    """A straight line from 0 to 1 over `ramp` about time 0."""
    return np.clip(time / ramp + 0.5, 0, 1)


def _append(found: list[Piece], piece: Piece) -> None:
    if found and found[-1].edit == piece.edit:
        found[-1] = Piece(found[-1].start, piece.end, piece.edit)
    else:
        found.append(piece)


def _mark(one: Any, duration_s: float) -> Mark:
    try:
        start_s, end_s, edit = one
    except (TypeError, ValueError):
        raise EditError(f"A mark is {one!r}; give (start_s, end_s, Edit(...)).") from None
    if not isinstance(edit, Edit):
        raise EditError(f"The edit of a mark is {edit!r}; give an Edit, such as Edit(pitch_semitones=2).")
    for second in (start_s, end_s):
        usable = isinstance(second, Real) and not isinstance(second, bool)
        if not (usable and 0 <= float(second) <= duration_s + BEYOND_S):
            raise EditError(f"A mark begins or ends at {second!r}; give seconds from 0 to {duration_s:g}.")
    mark = Mark(float(start_s), min(float(end_s), duration_s), edit)
    if not mark.start_s < mark.end_s:
        raise EditError(
            f"The mark {_span(mark)} is empty or reversed; give an end after its start, up to {duration_s:g} s."
        )
    return mark


def _span(mark: Mark) -> str:
    return f"{mark.start_s:g}-{mark.end_s:g} s"
