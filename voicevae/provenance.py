"""Provenance of a written sound: a line of JSON in the comment of the file, and an inaudible watermark in the sound.

The comment (WAV: LIST/INFO ICMT, AIFF: ANNO, FLAC and OGG: Vorbis comment, MP3: ID3) names the tool, the bundle and the
edits; converting the file may drop it. The watermark (`voicevae.watermark`) says only that the sound was made by this
tool, and stays.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from voicevae import audio
from voicevae.code import Code
from voicevae.edits import Edit
from voicevae.version import __version__
from voicevae.watermark import RATE, THRESHOLD, embed_blocks, score

TOOL = "voicevae"


@dataclass(frozen=True)
class Provenance:
    """tool, version: what made the sound; bundle: checksum of the weights; edits: in words, without names of files."""

    tool: str
    version: str
    bundle: str
    edits: str


@dataclass(frozen=True)
class Verification:
    """What a file carries: provenance, None without any; score, of the watermark (`voicevae.watermark.score`)."""

    provenance: Provenance | None
    score: float

    @property
    def watermarked(self) -> bool:
        """Whether the score is above the threshold of one false alarm in a million files."""
        return self.score > THRESHOLD

    @property
    def carried(self) -> bool:
        """Whether either of the two says that the sound was made by this tool."""
        return self.watermarked or self.provenance is not None


def made(bundle: str, edits: str) -> Provenance:
    """Provenance of this version with the bundle of the checksum `bundle`; edits: in words."""
    return Provenance(TOOL, __version__, bundle, edits)


def edits_of(code: Code) -> str:
    """The edits of `code`, in words."""
    said = ["another voice"] if code.recorded is not None else []
    said += [str(code.changes)] if code.changes != Edit() else []
    said += [f"{len(code.marks)} marked spans"] if code.marks else []
    return ", ".join(said) or str(Edit())


def write(
    path: str | os.PathLike[str],
    wave: np.ndarray | Iterable[np.ndarray],
    sample_rate: int,
    provenance: Provenance,
    *,
    watermark: bool = True,
) -> float:
    """`audio.write`, with `provenance` in the file and, unless `watermark` is False, the watermark in the sound.

    Args:
        path, wave, sample_rate: as in `audio.write`; blocks pass in bounded memory.

    Returns:
        The gain applied, as `audio.write`.

    Raises:
        AudioError: the file cannot be written.
    """
    if watermark:
        wave = embed_blocks([np.asarray(wave)] if hasattr(wave, "shape") else wave, sample_rate)
    return audio.write(path, wave, sample_rate, comment=json.dumps(asdict(provenance)))


def read(path: str | os.PathLike[str]) -> Provenance | None:
    """Provenance in the comment of a sound file, None where there is none.

    Raises:
        AudioError: no sound file.
    """
    comment = audio.header(path, count=False).comment
    try:
        said = json.loads(comment)
        parts = {name: said[name] for name in Provenance.__dataclass_fields__}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if parts["tool"] != TOOL or not all(isinstance(value, str) for value in parts.values()):
        return None
    return Provenance(**parts)


def verify(path: str | os.PathLike[str]) -> Verification:
    """Look for provenance and watermark in a sound file.

    Raises:
        AudioError: it cannot be read as sound.
    """
    path = Path(path)
    provenance = read(path)
    return Verification(provenance, score(audio.read(path, RATE), RATE))
