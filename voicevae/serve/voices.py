"""The voices that a server knows by name: those of the shipped bundle, and those of a folder."""

import os
import threading
from pathlib import Path

from voicevae import bundle, uploads
from voicevae.code import Speaker
from voicevae.codec import Codec
from voicevae.containers import READABLE, find
from voicevae.errors import EditError, InputError
from voicevae.names import is_text, shown
from voicevae.voicefile import EXTENSION

SHIPPED, FOLDER = "shipped", "folder"


class Voices:
    """Voices by name. In `folder` each recording, voice file or folder of recordings of one speaker is a voice; it is
    known by its name without the extension, and stands before a shipped one of that name.

    Raises:
        InputError: no folder, or two voices of one name.
    """

    def __init__(self, vv: Codec, folder: Path | None = None) -> None:
        self.vv, self.paths = vv, bundle.examples()
        self.own = {} if folder is None else _in_folder(folder)
        self.paths |= self.own
        self._speakers: dict[str, Speaker] = {}
        self._lock = threading.Lock()

    def listed(self) -> list[dict[str, str]]:
        """Name and source ("shipped" or "folder") of each voice, in alphabetical order."""
        return [{"name": name, "source": FOLDER if name in self.own else SHIPPED} for name in sorted(self.paths)]

    def speaker(self, name: str) -> Speaker:
        """The voice of a name, which is read when it is first asked for.

        Raises:
            EditError: there is none. VoiceVAEError: its file cannot be used.
        """
        if name not in self.paths:
            raise EditError(f"There is no voice {name!r}; /v1/voices lists all.")
        with self._lock:
            if name not in self._speakers:
                path = self.paths[name]
                with uploads.named(path, path.name):
                    self._speakers[name] = self.vv.speaker(path)
            return self._speakers[name]


def _in_folder(folder: Path) -> dict[str, Path]:
    """The voices in `folder` by name; hidden files, and others than sounds and voice files, are none."""
    if not folder.is_dir():
        raise InputError(f"{shown(folder)} is not a folder; give one of recordings or voice files.")
    try:
        paths = [folder / name for name in sorted(os.listdir(folder)) if not name.startswith(".") and is_text(name)]
    except OSError as error:
        raise InputError(f"{shown(folder)} cannot be read ({error.strerror}); give another folder.") from None
    found: dict[str, Path] = {}
    for path in filter(_is_voice, paths):
        name = path.name if path.is_dir() else path.stem
        if name in found:
            raise InputError(f"{shown(found[name])} and {shown(path)} would be one voice, {name}; rename one of them.")
        found[name] = path
    return found


def _is_voice(path: Path) -> bool:
    if path.is_dir():
        return bool(find(path).readable)
    return path.is_file() and path.suffix.lower() in READABLE | {EXTENSION}
