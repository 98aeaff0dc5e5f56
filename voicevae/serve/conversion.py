"""One request's work: files as they were sent in, a sound file out, in a folder of its own that is removed."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from fastapi import UploadFile

from voicevae import uploads
from voicevae.code import Speaker
from voicevae.errors import AudioError, EditError
from voicevae.names import printable
from voicevae.serve.settings import Settings
from voicevae.serve.voices import Voices
from voicevae.voice import VoiceVAE
from voicevae.voicefile import EXTENSION

LONGEST = 80  # characters of a name that are shown


@dataclass(frozen=True)
class Upload:
    """A file that was sent; name: what its sender calls it, which is shown and never opened."""

    file: BinaryIO
    name: str

    @staticmethod
    def of(part: UploadFile, field: str) -> "Upload":
        """The file of a form's part; `field` names it where its sender does not."""
        name = PurePath((part.filename or "").replace("\\", "/")).name
        return Upload(part.file, printable(name)[-LONGEST:] or field)

    @property
    def is_voice(self) -> bool:
        """Whether it is to be read as a voice file."""
        return self.name.lower().endswith(EXTENSION)

    def stored(self, folder: Path, name: str) -> Path:
        """The same in `folder`, where this program names it."""
        path = folder / name
        with open(path, "xb") as copy:
            shutil.copyfileobj(self.file, copy)
        return path


class Converter:
    """Works on the requests of a server, each in its own folder below `folder`."""

    def __init__(self, vv: VoiceVAE, settings: Settings, folder: Path) -> None:
        self.vv, self.settings, self.folder = vv, settings, folder
        self.voices = Voices(vv, settings.voices)

    def modulate(self, speech: Upload, kind: str, seed: int, changes: dict[str, Any]) -> bytes:
        """`vv.modulate_file`; returns a sound file of the extension `kind`. Raises VoiceVAEError."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            return self._made(Path(place), speech, None, kind, seed, changes)

    def convert(
        self, speech: Upload, voice: str | Sequence[Upload], kind: str, seed: int, changes: dict[str, Any]
    ) -> bytes:
        """`vv.convert_file`, to the voice of a name, or of what was sent. Raises VoiceVAEError."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            place = Path(name)
            speaker = self.voices.speaker(voice) if isinstance(voice, str) else self._reference(place, voice)
            return self._made(place, speech, speaker, kind, seed, changes)

    def _made(
        self, place: Path, speech: Upload, speaker: Speaker | None, kind: str, seed: int, changes: dict[str, Any]
    ) -> bytes:
        wave, out = self._wave(speech, place / "speech"), place / f"made.{kind}"
        how: dict[str, Any] = {"seed": seed, "watermark": self.settings.watermark, **changes}
        try:
            if speaker is None:
                self.vv.modulate_file(wave, out, **how)
            else:
                self.vv.convert_file(wave, out, voice=speaker, **how)
        except AudioError as error:
            if str(out) in str(error):  # the disk is full, say: no fault of the client's
                raise OSError(str(error)) from None
            raise
        return out.read_bytes()

    def _reference(self, place: Path, sent: Sequence[Upload]) -> Speaker:
        uploads.check_references(len(sent))
        if len(sent) == 1 and sent[0].is_voice:
            path = sent[0].stored(place, f"reference{EXTENSION}")
            return uploads.voice_file(self.vv, path, sent[0].name)
        if any(one.is_voice for one in sent):
            raise EditError("A voice file is sent alone as reference; send it alone, or recordings.")
        waves = [self._wave(one, place / f"reference-{i}") for i, one in enumerate(sent)]
        return uploads.voice(self.vv, waves, [one.name for one in sent])

    def _wave(self, sent: Upload, path: Path) -> Any:
        sent.stored(path.parent, path.name)
        return uploads.read(path, sent.name, self.vv.sample_rate, self.settings.max_seconds)
