"""The F0 contour of a code as a few points to move.

The contour between the points moves with them: the change in semitones is interpolated linearly from point to point,
and constant beyond the first and the last, so the fine movements of the voice stay.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.features import RelativeContours
from voicevae.units import NATS_PER_SEMITONE

EVERY_S = 0.25
F0_LIMITS_HZ = (20.0, 2000.0)
MAX_POINTS = 10_000


def f0(coder: Coder, code: Code) -> tuple[np.ndarray, np.ndarray]:
    """Times in s and F0 in Hz, 0 where unvoiced, `[T]` each, of the speech that an edited code decodes to."""
    contours = coder.decode(code)[1]
    times = np.arange(len(contours)) / coder.config.frame_rate
    return times, contours.f0_hz.astype(np.float32)


def points(coder: Coder, code: Code, every_s: float = EVERY_S) -> np.ndarray:
    """Points `[n, 2]` (s, Hz) on the voiced parts of `f0`, about `every_s` apart."""
    times, f0_hz = f0(coder, code)
    step = max(round(every_s * coder.config.frame_rate), 1)
    voiced = np.flatnonzero(f0_hz > 0)
    pieces = np.split(voiced, np.flatnonzero(np.diff(voiced) > 1) + 1) if len(voiced) else []
    chosen = [
        piece[len(piece) % step // 2 :: step] if len(piece) > step else piece[[len(piece) // 2]] for piece in pieces
    ]
    where = np.concatenate(chosen) if chosen else np.zeros(0, np.int64)
    return np.stack([times[where], f0_hz[where]], 1)


def bend(coder: Coder, code: Code, wanted: Any) -> Code:
    """`code` whose F0 passes through given points.

    Args:
        wanted: `[n, 2]`, s and Hz in the speech that `code`, with its edits, decodes to.

    Raises:
        EditError: unusable points, a pitch range of 0 (there is no contour to move), or a code with marks.
    """
    array = _checked(wanted)
    if not len(array):
        return code
    if code.marks:
        raise EditError("The F0 of a code with marks cannot be bent; bend it first, and mark it then.")
    edit, speaker = code.changes, code.speaker
    if edit.pitch_range == 0:
        raise EditError("The pitch range is 0, which leaves no contour to move; set it above 0 first.")
    relative = coder.contours(code).pitch
    frames = array[:, 0] * edit.rate * coder.config.frame_rate
    before = np.interp(frames, np.arange(len(relative)), relative)
    log_f0 = np.log(array[:, 1]) - edit.pitch_semitones * NATS_PER_SEMITONE - speaker.log_f0_mean
    after = log_f0 / edit.pitch_range / speaker.log_f0_std
    residual = RelativeContours.from_array(code.contour_residual)
    bent = residual.pitch + np.interp(np.arange(len(residual)), frames, after - before)
    return with_contours(coder, code, replace(residual, pitch=bent))


def moved(wanted: Sequence[Sequence[float]] | np.ndarray, old: Code, new: Code) -> np.ndarray:
    """Points `[n, 2]` on the speech of `old`, at their places on that of `new`, a code with other edits.

    Raises:
        EditError: `old` has a pitch range of 0, which has lost the contour.
    """
    array, mean = _checked(wanted), old.speaker.log_f0_mean
    if old.changes.pitch_range == 0:
        raise EditError("The pitch range is 0, which leaves no contour to move; set it above 0 first.")
    plain = (np.log(array[:, 1]) - mean - old.changes.pitch_semitones * NATS_PER_SEMITONE) / old.changes.pitch_range
    log_f0 = mean + plain * new.changes.pitch_range + new.changes.pitch_semitones * NATS_PER_SEMITONE
    return np.stack([array[:, 0] * old.changes.rate / new.changes.rate, np.exp(log_f0)], 1)


def _checked(wanted: Any) -> np.ndarray:
    """As float64 `[n, 2]`, in order of time."""
    try:
        array = np.asarray(wanted, np.float64).reshape(-1, 2)
    except (TypeError, ValueError):
        raise EditError("Points of F0 are pairs of numbers: a time in s, and F0 in Hz.") from None
    low, high = F0_LIMITS_HZ
    if len(array) > MAX_POINTS:
        raise EditError(f"There are {len(array)} points of F0; give at most {MAX_POINTS}.")
    if not np.isfinite(array).all() or (array[:, 0] < 0).any():
        raise EditError("A point of F0 has no time of 0 s or later, or no number; give pairs of s and Hz.")
    if ((array[:, 1] < low) | (array[:, 1] > high)).any():
        raise EditError(f"A point of F0 is not from {low:g} to {high:g} Hz; give one within.")
    array = array[np.argsort(array[:, 0], kind="stable")]
    if (np.diff(array[:, 0]) == 0).any():
        raise EditError("Two points of F0 are at the same time; give one of them.")
    return array


def with_contours(coder: Coder, code: Code, residual: RelativeContours) -> Code:
    """`code` with this residual of its contours.

    The decoder's mel follows the contours, and the recorded residual, which stays, was measured with others: so it is
    moved, frame by frame, such that the mel keeps its level. How loud a frame is, the contours say.
    """
    changed = replace(code, contour_residual=residual.array())
    if code.mel_residual is None or code.recorded is not None or code.residual < 1:
        return changed  # the coder holds the level of a mel that is not the recorded one
    was, now = (coder.level(coder.decode(replace(one, changes=Edit(), marks=()))[0]) for one in (code, changed))
    mel_residual = code.mel_residual.copy()
    mel_residual[:, : coder.config.n_mels] += was - now
    return replace(changed, mel_residual=mel_residual)
