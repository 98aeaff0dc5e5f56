"""Codes as feature vectors, one row a recording, for other tools.

The columns are grouped, each group in the units of the code:

    z_s      the speaker latent
    register mean and standard deviation of log-F0 (ln Hz)
    z_p      mean and standard deviation of each prosody latent over speech
    prosody  F0 range (semitones), F0 rate of change (semitones/s), depth of loudness below the loud frames (dB), share
             of speech that is voiced, and mean change of the content between steps of speech
    mel      mean of the mel over speech (nats)
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.aside import written
from voicevae.coder import Coder
from voicevae.errors import EditError, MissingPackageError, OutputError
from voicevae.features import Frames, RelativeContours
from voicevae.features.contours import LOUDNESS_UNIT_DB
from voicevae.names import is_text, shown
from voicevae.units import SEMITONES_PER_NAT

GROUPS = ("z_s", "register", "z_p", "prosody", "mel")
PROSODY = ("F0 range", "F0 rate of change", "loudness depth", "voiced share", "content change")
FORMATS = (".npz", ".parquet")


@dataclass(frozen=True, eq=False)
class Embeddings:
    """names: one a recording; groups: `[n, D]` each, float32, by name (`GROUPS`); seconds: `[n]`."""

    names: list[str]
    groups: dict[str, np.ndarray]
    seconds: np.ndarray

    def matrix(self, groups: Sequence[str] = GROUPS) -> np.ndarray:
        """Some groups side by side, `[n, sum of D]`. Raises EditError for a group that there is not."""
        return np.concatenate([self._group(name) for name in groups], 1)

    def columns(self, groups: Sequence[str] = GROUPS) -> list[str]:
        """A name for each column of `matrix`, such as "z_s.3" or "prosody.F0 range"."""
        sizes = {name: range(self._group(name).shape[1]) for name in groups}
        return [f"{name}.{PROSODY[i] if name == 'prosody' else i}" for name, size in sizes.items() for i in size]

    def save(self, path: str | Path) -> None:
        """Write `.npz` (names, seconds, and an array a group) or `.parquet` (a column a number), aside first.

        Raises:
            OutputError: another extension, or a path that cannot be written. MissingPackageError: no pyarrow.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise OutputError(f"{path} has no extension of a table; use one of {', '.join(FORMATS)}.")
        with written(path) as aside:
            if path.suffix.lower() == ".npz":
                with open(aside, "wb") as file:
                    arrays: dict[str, Any] = dict(self.groups)
                    np.savez_compressed(file, names=np.array(self.names), seconds=self.seconds, **arrays)
            else:
                self._parquet(aside)

    def _group(self, name: str) -> np.ndarray:
        if name not in self.groups:
            raise EditError(f"There is no group {name!r}; known are {', '.join(self.groups)}.")
        return self.groups[name]

    def _parquet(self, path: Path) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise MissingPackageError(
                "A .parquet file needs pyarrow; pip install pyarrow brings it, or write .npz."
            ) from None
        columns = {"name": [name if is_text(name) else shown(name) for name in self.names], "seconds": self.seconds}
        columns |= dict(zip(self.columns(), self.matrix().T, strict=True))
        parquet.write_table(pyarrow.table(columns), path)


def names_of(sources: Sequence[Any], names: Sequence[str] | None) -> Sequence[str]:
    """A name for each source: those given, or the paths, or numbers where there are none.

    Raises:
        EditError: no sources, or not as many names.
    """
    if not len(sources):
        raise EditError("There is nothing to embed; give at least one recording.")
    if names is None:
        return [os.fsdecode(one) if isinstance(one, str | os.PathLike) else str(i) for i, one in enumerate(sources)]
    if len(names) != len(sources):
        raise EditError(f"There are {len(names)} names for {len(sources)} recordings; give one each.")
    return names


def vector(coder: Coder, frames: Frames) -> dict[str, np.ndarray]:
    """The groups of one recording (`GROUPS`), `[D]` each."""
    q = coder.infer(frames)
    prosody, content = q.prosody.mean, q.content.mean
    spoken = prosody[q.speech[:: coder.prosody_stride][: len(prosody)]]
    return {
        "z_s": q.speaker.z,
        "register": np.array(q.speaker.register, np.float32),
        "z_p": np.concatenate([spoken.mean(0), spoken.std(0)]),
        "prosody": _prosody(coder, q.contours, q.speech, content, q.speaker.log_f0_std),
        "mel": q.speaker.mel_mean,
    }


def stacked(names: Sequence[str], vectors: Sequence[dict[str, np.ndarray]], seconds: Sequence[float]) -> Embeddings:
    """`Embeddings` of recordings, whose groups are `vectors` (as of `vector`), stacked to `[n, D]`."""
    groups = {name: np.stack([own[name] for own in vectors]).astype(np.float32) for name in GROUPS}
    return Embeddings(list(names), groups, np.asarray(seconds, np.float32))


def joined(parts: Sequence[Embeddings]) -> Embeddings:
    """The rows of all `parts`, of which there is at least one."""
    groups = {name: np.concatenate([part.groups[name] for part in parts]) for name in parts[0].groups}
    names = [name for part in parts for name in part.names]
    return Embeddings(names, groups, np.concatenate([part.seconds for part in parts]))


def _prosody(
    coder: Coder, contours: RelativeContours, speech: np.ndarray, content: np.ndarray, std: float
) -> np.ndarray:
    """`PROSODY` of contours, speech `[T]` bool and content `[T_c, D_c]`, with the `std` of log-F0 (ln Hz): `[5]`."""
    voiced = contours.voiced & speech
    both = voiced[1:] & voiced[:-1]
    speed = np.abs(np.diff(contours.pitch))[both].mean() if both.any() else 0.0
    moving = speech[:: coder.content_stride][: len(content)]
    change = np.abs(np.diff(content, axis=0))[moving[1:] & moving[:-1]]
    return np.array(
        [
            SEMITONES_PER_NAT * std,
            SEMITONES_PER_NAT * std * float(speed) * coder.config.frame_rate,
            -LOUDNESS_UNIT_DB * contours.loudness[speech].mean(),
            voiced.sum() / speech.sum(),
            change.mean() if len(change) else 0.0,
        ],
        np.float32,
    )
