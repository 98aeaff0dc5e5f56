"""Recordings and voices that visitors of the page and clients of the server send: checked before they are decoded, and
named in messages as they were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicevae import audio
from voicevae.code import Speaker
from voicevae.errors import AudioError, InputError, VoiceVAEError
from voicevae.names import shown
from voicevae.voicefile import EXTENSION

if TYPE_CHECKING:
    from voicevae.codec import Codec

MAX_REFERENCES = 20


@contextmanager
def named(path: Path, name: str) -> Iterator[None]:
    """Errors within call the file at `path` by the `name` that it was sent with."""
    try:
        yield
    except VoiceVAEError as error:
        said = str(error)
        for known in (shown(path), shown(path.resolve())):
            said = said.replace(known, shown(name))
        raise type(error)(said) from None


def read(path: Path, name: str, sample_rate: int, max_seconds: float) -> np.ndarray:
    """A recording that was sent as `name`, float32 `[n]`.

    Raises:
        AudioError: it is longer than `max_seconds`, or no sound.
    """
    with named(path, name):
        header = audio.header(path, count=False)
        seconds = header.n_frames / header.sample_rate
        if seconds > max_seconds:
            long = f"{seconds:.0f} s" if seconds < 1e6 else "of unknown length"
            raise AudioError(f"{shown(path)} is {long}; give at most {max_seconds:g} s.")
        return audio.read(path, sample_rate)


def check_references(n: int) -> None:
    """Raise AudioError where a voice is given by too many recordings."""
    if n > MAX_REFERENCES:
        raise AudioError(f"There are {n} recordings of the target; give at most {MAX_REFERENCES}.")


def voice(vv: Codec, waves: Sequence[np.ndarray], names: Sequence[str]) -> Speaker:
    """The voice of recordings `[n]` of one speaker, which were sent as `names`.

    Raises:
        AudioError: one has no voiced speech.
    """
    try:
        return vv.speaker(list(waves))
    except AudioError as error:
        which = names[0] if len(names) == 1 else f"One of {', '.join(names)}"
        raise AudioError(str(error).replace("The reference", which)) from None


def voice_file(vv: Codec, path: Path, name: str) -> Speaker:
    """The voice of a voice file that was sent as `name`.

    Raises:
        InputError: it is none, or one of another bundle.
    """
    if Path(name).suffix.lower() != EXTENSION:
        raise InputError(f"{shown(name)} is no voice file; give one that ends in {EXTENSION}, or a recording.")
    with named(path, name):
        return vv.speaker(path)
