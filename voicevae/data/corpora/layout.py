"""The layout of a published corpus as regular expressions: which file is whose utterance, and what its texts say."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from voicevae.data.folder import Skipped, Utterance, check_text, sound_files
from voicevae.errors import CorpusError
from voicevae.names import shown

Found = tuple[list[Utterance], list[Skipped]]


class Sound(NamedTuple):
    """A recording of a corpus: `place` is its path relative to the corpus, `name` and `speaker` stand in that, and so
    may other `fields`."""

    path: Path
    place: str
    fields: dict[str, str]

    @property
    def name(self) -> str:
        """What transcripts call it."""
        return self.fields["name"]

    @property
    def speaker(self) -> str:
        """The speaker as the corpus names them."""
        return self.fields["speaker"]


def sounds(folder: Path, layout: str, unused: str = "(?!)") -> tuple[list[Sound], list[Skipped]]:
    """The recordings of a corpus, and the sound files that are none of it.

    Args:
        layout: regular expression of a recording's path relative to `folder`, with named groups `name` and `speaker`.
        unused: the same of those left out without a word, as they belong to the corpus but not to the recipe.

    Raises:
        CorpusError: there is none.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder; give the one that the corpus was unpacked to.")
    check_text(folder)
    found = []
    files, odd = sound_files(folder)
    for path in files:
        place = path.relative_to(folder).as_posix()
        if match := re.fullmatch(layout, place):
            found.append(Sound(path, place, {k: v or "" for k, v in match.groupdict().items()}))
        elif not re.fullmatch(unused, place):
            odd.append(Skipped(shown(path), "odd name", "No recording of this corpus is called so, or lies there."))
    if not found:
        raise CorpusError(
            f"{folder} holds no recording where this corpus has them; give the folder that it was unpacked to."
        )
    return found, odd


def utterance(sound: Sound, split: str, language: str, **labels: str) -> Utterance:
    """The utterance of a recording; `labels` are those of `Utterance`."""
    name = sound.name if sound.name.startswith(sound.speaker) else f"{sound.speaker}-{sound.name}"
    return Utterance(name, sound.path, sound.speaker, split, language=language, **labels)


def lines(folder: Path, files: str, line: str) -> Iterator[tuple[Path, re.Match[str]]]:
    """What the text files of a corpus say.

    Args:
        files: glob of the files, relative to `folder`; hidden ones are left out.
        line: regular expression of a whole line, without the white space about it.

    Yields:
        place of the file, relative to `folder`, and match of a line; lines that do not match are left out.
    """
    for path in sorted(folder.glob(files)):
        place = path.relative_to(folder)
        if any(part.startswith(".") for part in place.parts):
            continue
        for said in read_text(path).splitlines():
            if match := re.fullmatch(line, said.strip()):
                yield place, match


def read_text(path: Path) -> str:
    """A text in UTF-8, UTF-16 (with its mark) or GB 18030; empty where there is no such file."""
    if not path.is_file():
        return ""
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")
