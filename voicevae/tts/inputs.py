"""Marks, timings and SSML as files.

marks.json   [{"start_s": 0.4, "end_s": 0.8, "pitch_semitones": 2, "energy_db": 3}, ...]
words.json   [{"word": "It", "start_s": 0.0, "end_s": 0.2}, ...]
"""

import json
from pathlib import Path
from typing import Any

from voicevae.edits import RANGES, Edit
from voicevae.errors import EditError, InputError
from voicevae.marks import Mark
from voicevae.tts.ssml import Timing

TIMES = ["start_s", "end_s"]


def read_marks(path: str | Path) -> list[Mark]:
    """Spans and their edits from a JSON file.

    Raises:
        InputError: it cannot be read, or is not of this form. EditError: a value out of range, with its entry.
    """
    found = []
    for i, entry in enumerate(_entries(path, TIMES, list(RANGES))):
        edits = {name: value for name, value in entry.items() if name in RANGES}
        try:
            found.append(Mark(entry["start_s"], entry["end_s"], Edit(**edits)))
        except EditError as error:
            raise EditError(f"{path}, entry {i + 1}: {error}") from None
    return found


def read_timings(path: str | Path) -> list[Timing]:
    """Words and their times from a JSON file; raises InputError: it cannot be read, or is not of this form."""
    return [(entry["word"], entry["start_s"], entry["end_s"]) for entry in _entries(path, ["word", *TIMES], [])]


def read_text(path: str | Path) -> str:
    """The text of a file in UTF-8; raises InputError: it cannot be read, or is not UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8; save it as such.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path.") from None


def _entries(path: str | Path, needed: list[str], other: list[str]) -> list[dict[str, Any]]:
    """A list of objects, each with the `needed` fields and none but those and the `other` ones."""
    try:
        found = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path} is not JSON ({error}); write a list of objects.") from None
    fields = ", ".join(needed + other)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise InputError(f"{path} holds no list of objects; give each the fields {fields}.")
    for i, entry in enumerate(found):
        if not set(needed) <= set(entry) <= {*needed, *other}:
            raise InputError(f"{path}, entry {i + 1} has the fields {', '.join(entry) or 'none'}; known are {fields}.")
    return found
