"""Alignment of the content of two recordings by dynamic time warping, independent of the speakers.

`z_c` is decoded in an average voice (`z_s` = 0), and the mel-cepstra of that are compared, which removes noise in `z_c`
that no sound depends on. The end is open: the alignment stops where either recording ends, so one that breaks off is
aligned as far as it goes.
"""

from dataclasses import dataclass, replace

import numpy as np

from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.edits import Edit
from voicevae.features.dtw import cepstra, least_sums, path_to, square_distances

CEPSTRA = 13
LEAST_SHARE = 0.5  # of either recording, that an alignment covers
AGREEMENT = 0.35  # of chance: a mean cost below it says that the words are the same
MIN_STEPS = 5


@dataclass(frozen=True, eq=False)
class Alignment:
    """Steps `[L]` of one recording beside those `[L]` of another, and their mean cost: 0 for the same, 1 at chance."""

    one: np.ndarray
    other: np.ndarray
    cost: float

    @property
    def agrees(self) -> bool:
        """Whether both have the same words."""
        return self.cost < AGREEMENT


@dataclass(frozen=True, eq=False)
class Said:
    """The content of a recording between its first and last speech: cepstra `[n, 13]`, 40 a second, with mean 0 and,
    over all dimensions, standard deviation 1; `start` is the step of `z_c` of the first."""

    cepstra: np.ndarray
    start: int


def said(coder: Coder, code: Code) -> Said | None:
    """The content of a code as cepstra; None where it is too short to compare."""
    average = coder.implied_speaker(np.zeros_like(code.speaker.z))
    silent = np.zeros((len(code.contour_residual), coder.config.n_channels), np.float32)
    plain = replace(code, speaker=average, recorded=None, mel_residual=silent, residual=1.0, changes=Edit(), marks=())
    mel, _ = coder.decode(plain)
    speech = coder.contours(code).speech
    steps = np.flatnonzero(speech[:: coder.content_stride])
    if not len(steps) or steps[-1] - steps[0] + 1 < MIN_STEPS:
        return None
    found = cepstra(mel[:: coder.content_stride, : coder.config.n_mels], CEPSTRA)[steps[0] : steps[-1] + 1]
    found = found - found.mean(0)
    return Said(found / max(float(np.sqrt(np.mean(found**2))), 1e-6), int(steps[0]))


def align(one: np.ndarray, other: np.ndarray) -> Alignment:
    """The path of least mean cost between `one` `[n, D]` and `other` `[m, D]`, both of standard deviation 1.

    It goes from both beginnings to the end of either. A cost is half the mean square of a difference. See
    `voicevae.features.dtw`.
    """
    total = least_sums(square_distances(one, other) / (2 * one.shape[1]))
    end = _end(total)
    rows, columns = path_to(total, *end)
    return Alignment(rows, columns, float(2 * total[end] / sum(end)))


def _end(total: np.ndarray) -> tuple[int, int]:
    """The best end of a path, by its sum over the steps of both: on the last row or column of a table `[n + 1, m + 1]`
    of least sums, beyond half of the other."""
    n, m = (size - 1 for size in total.shape)
    ends = [(n, j) for j in range(max(int(LEAST_SHARE * m), 1), m + 1)]
    ends += [(i, m) for i in range(max(int(LEAST_SHARE * n), 1), n)]
    return min(ends, key=lambda at: total[at] / sum(at))
