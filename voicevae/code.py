"""A recording as a code: latents, residuals, and the edits asked for."""

import json
import os
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from voicevae import marks as spans
from voicevae.aside import written
from voicevae.edits import Edit
from voicevae.errors import DAMAGED, EditError, InputError
from voicevae.marks import Mark, Piece

FORMAT = "voicevae code 2"
# Of a conversion, by default; docs/ablation.md has the curve.
CONVERTED_RESIDUAL = 0.4
LIKENESS = 0.25
MOST_DYNAMICS = 1.5  # of an adapted voice; twice the way bursts
LARGEST_RATIO = 100  # of a file, unpacked
SHARES = {
    "residual": (
        CONVERTED_RESIDUAL,
        "share of the recording's residual to keep: more is clearer, less nearer to the voice",
    ),
    "likeness": (LIKENESS, "share of the way to the voice's statistics: more is nearer to the voice, less clearer"),
}
SPEAKERS = ("speaker", "recorded")


def single(array: np.ndarray) -> np.ndarray:
    """An array `[...]` of floating point as float32, as the networks read it (infinite where too large); scalars and
    other types stay."""
    if array.ndim == 0 or not np.issubdtype(array.dtype, np.floating):
        return array
    with np.errstate(over="ignore"):
        return array.astype(np.float32)


class Register(NamedTuple):
    """Mean and standard deviation of a speaker's log-F0 over voiced frames, ln Hz."""

    mean: float
    std: float


@dataclass(frozen=True, eq=False)
class Speaker:
    """A voice: z `[D_s]`, and its statistics.

    log_f0_mean, log_f0_std: ln Hz, over voiced frames; mel_mean `[n_channels]`, mel_cov `[n_channels, n_channels]`:
    nats, over speech frames.
    """

    z: np.ndarray
    log_f0_mean: float
    log_f0_std: float
    mel_mean: np.ndarray
    mel_cov: np.ndarray

    @property
    def register(self) -> Register:
        """Mean and standard deviation of log-F0."""
        return Register(self.log_f0_mean, self.log_f0_std)


@dataclass(frozen=True, eq=False)
class AdaptedSpeaker(Speaker):
    """A voice that was adapted to its recordings; `voicevae.adapted` says how it is used.

    loudness `[K]`: weights of a linear model, units of 20 dB; dynamics: how far the source's loudness is moved to what
    it tells, 0 to `MOST_DYNAMICS`: a model tells means, so that more than all of the way is nearer.
    """

    loudness: np.ndarray
    dynamics: float


@dataclass(frozen=True, eq=False)
class Code:
    """One recording as latents, with the edits asked for.

    prosody `[T_p, D_p]` and content `[T_c, D_c]` are posterior means. The residuals are what the decoders do not
    explain: contour_residual `[T, 3]` (as `RelativeContours.array`) and mel_residual `[T, n_channels]`, None where it
    was not kept; `residual` is the share of the latter that is decoded. `recorded` is the recording's speaker, where
    `speaker` is another; `likeness` is how far such a conversion goes on to the statistics of `speaker`. loudness_db is
    the recording's level (of its loud frames), dB of full scale.
    """

    speaker: Speaker
    prosody: np.ndarray
    content: np.ndarray
    contour_residual: np.ndarray
    mel_residual: np.ndarray | None
    loudness_db: float
    n_samples: int
    sample_rate: int
    changes: Edit = Edit()
    marks: tuple[Mark, ...] = ()
    recorded: Speaker | None = None
    residual: float = 1.0
    likeness: float = LIKENESS

    @property
    def duration_s(self) -> float:
        """Seconds of the speech that this decodes to."""
        return spans.length(self.pieces()) / self.sample_rate

    @property
    def n_spoken(self) -> int:
        """Samples of the speech that this decodes to."""
        return max(round(spans.length(self.pieces())), 1)

    def pieces(self, hop_length: int = 1) -> list[Piece]:
        """The spans of the recording with their edits, in hops of `hop_length` samples."""
        length, per_second = self.n_samples / hop_length, self.sample_rate / hop_length
        return spans.pieces(self.changes, self.marks, length, per_second)

    def edit(
        self,
        speaker: Speaker | None = None,
        *,
        marks: Iterable[tuple[float, float, Edit]] = (),
        residual: float | None = None,
        likeness: float | None = None,
        **changes: float,
    ) -> "Code":
        """The code with further edits: those of `Edit`, by name, and another voice.

        Args:
            residual: share of the mel's residual that is decoded, 0 to 1. More is clearer, less is nearer to another
                voice. All is decoded in the recording's own voice, `CONVERTED_RESIDUAL` in another one.
            likeness: how far a conversion goes on to the mean and covariance of the voice's recordings, 0 to 1. More is
                nearer to the voice, less is clearer.
            marks: edits of spans, each (start_s, end_s, Edit), in seconds of the recording before any edit; they are
                added to the global ones. See `voicevae.marks`.

        Raises:
            EditError: an unknown edit, a value out of range, or a mark that is empty, outside the recording or overlaps
                another.
        """
        edit = self.changes.then(Edit.of(changes))
        if not isinstance(speaker, Speaker | None):
            raise EditError("The speaker of an edit must be a Speaker; vv.speaker(recording) gives one.")
        for name, share in (("residual", residual), ("likeness", likeness)):
            if share is not None and not 0 <= share <= 1:
                raise EditError(f"{name} is {share:g}; give a share from 0 to 1.")
        marked = spans.checked([*self.marks, *marks], self.n_samples / self.sample_rate)
        kept = self.residual if residual is None else float(residual)
        near = self.likeness if likeness is None else float(likeness)
        code = replace(self, changes=edit, marks=marked, residual=kept, likeness=near)
        code.pieces()  # raises EditError if the sum of two edits is out of range
        if speaker is None or speaker is self.speaker:
            return code
        if residual is None and self.recorded is None:
            kept *= CONVERTED_RESIDUAL
        return replace(code, speaker=speaker, residual=kept, recorded=self.recorded or self.speaker)

    def save(self, path: str | Path) -> None:
        """Write to a `.npz` file, aside first."""
        path = Path(path)
        arrays: dict[str, Any] = {name: getattr(self, name) for name in ("prosody", "content", "contour_residual")}
        for part, speaker in self._speakers():
            arrays |= {f"{part}_{name}": value for name, value in asdict(speaker).items()}
        if self.mel_residual is not None:
            arrays["mel_residual"] = self.mel_residual
        about = {
            "format": FORMAT,
            "loudness_db": self.loudness_db,
            "n_samples": self.n_samples,
            "sample_rate": self.sample_rate,
            "residual": self.residual,
            "likeness": self.likeness,
            "changes": asdict(self.changes),
            "marks": [(mark.start_s, mark.end_s, asdict(mark.edit)) for mark in self.marks],
        }
        with written(path) as aside:
            with open(aside, "wb") as file:
                np.savez(file, about=np.array(json.dumps(about)), **arrays)

    def _speakers(self) -> list[tuple[str, Speaker]]:
        return [(part, one) for part in SPEAKERS if (one := getattr(self, part)) is not None]

    def _check(self) -> None:
        """Raise ValueError unless all numbers are finite, and counts are whole and positive."""
        for count in (self.n_samples, self.sample_rate):
            if not isinstance(count, int) or count <= 0:
                raise ValueError(f"{count!r} is no count")
        numbers = [self.prosody, self.content, self.contour_residual, self.loudness_db, self.residual, self.likeness]
        for _, speaker in self._speakers():
            numbers += vars(speaker).values()
        if self.mel_residual is not None:
            numbers.append(self.mel_residual)
        for number in numbers:
            array = np.asarray(number)
            if not np.issubdtype(array.dtype, np.floating) or not np.isfinite(array).all():
                raise ValueError("not finite numbers")

    @staticmethod
    def load(path: str | Path) -> "Code":
        """Read what `save` wrote. Raises InputError if `path` is not such a file."""
        try:
            with zipfile.ZipFile(path) as parts:  # checked first: a small file can unpack to any size
                if sum(part.file_size for part in parts.infolist()) > LARGEST_RATIO * os.path.getsize(path):
                    raise ValueError("too large")
            with np.load(path, allow_pickle=False) as file:
                arrays: dict[str, Any] = {name: single(array) for name, array in file.items()}
            about = json.loads(str(arrays.pop("about")))
            if about.pop("format") != FORMAT:
                raise ValueError("another format")
            speakers: dict[str, Any] = {part: _speaker(arrays, part) for part in SPEAKERS if f"{part}_z" in arrays}
            arrays.setdefault("mel_residual", None)
            marks = [(start_s, end_s, Edit(**edit)) for start_s, end_s, edit in about.pop("marks", [])]
            code = Code(**speakers, changes=Edit(**about.pop("changes")), **arrays, **about)
            code._check()
            return code.edit(marks=marks)
        except FileNotFoundError:
            raise InputError(f"{path} does not exist; give a file that `voicevae encode` wrote.") from None
        except DAMAGED as error:
            raise InputError(f"{path} is not a code file; give a .npz that `voicevae encode` wrote.") from error


def _speaker(arrays: dict[str, Any], part: str) -> Speaker:
    """A speaker that `Code.save` wrote, removed from `arrays`."""
    kind = AdaptedSpeaker if f"{part}_loudness" in arrays else Speaker
    own = {name: arrays.pop(f"{part}_{name}") for name in kind.__dataclass_fields__}
    values: dict[str, Any] = {name: float(value) if value.ndim == 0 else value for name, value in own.items()}
    return kind(**values)
