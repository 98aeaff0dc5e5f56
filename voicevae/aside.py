"""Files written whole or not at all: aside first, then renamed."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from voicevae.errors import OutputError


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A hidden, free name in the folder of `path`; a file of that name is removed at the end."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield aside
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to, renamed to `path` at the end, and removed on failure.

    Raises:
        OutputError: it cannot be written or renamed.
    """
    try:
        with beside(path) as aside:
            yield aside
            os.replace(aside, path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}); choose another output path.") from None
