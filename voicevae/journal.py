"""JSON-lines record of finished items; makes runs resumable.

A line is written when its item is finished. It holds the item's `id` and a `stamp`, which changes with its input.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from voicevae.errors import OutputError

Row = dict[str, Any]


def stamp(path: str | Path, **config: Any) -> str:
    """State of a file (path, size and time of change) together with all settings that decide the result."""
    state = os.stat(path)
    said = {"path": str(path), "size": state.st_size, "mtime_ns": state.st_mtime_ns, **config}
    return json.dumps(said, sort_keys=True)


class Journal:
    """The rows of finished items, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Row]:
        """By id; the last line of an id counts, and a line cut off by an interruption does not."""
        found = {}
        for line in self.path.read_text("utf-8", "replace").splitlines() if self.path.exists() else []:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict) and "id" in row:
                found[row["id"]] = row
        return found

    def append(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on, each after it is written. Raises OutputError where it cannot be."""
        with contextlib.ExitStack() as stack:
            with self._written():
                cut_off = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
                file = stack.enter_context(open(self.path, "a", encoding="utf-8"))
                file.write("\n" if cut_off else "")
            for row in rows:
                with self._written():
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                yield row

    @contextlib.contextmanager
    def _written(self) -> Iterator[None]:
        """Raises OutputError where the file cannot be written."""
        try:
            yield
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written ({error.strerror}); choose another folder.") from None
