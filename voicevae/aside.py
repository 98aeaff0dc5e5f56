"""Files that are whole or not there: written aside, then renamed."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from voicevae.errors import OutputError


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A hidden name in the folder of `path`, free for a while; what lies there at the end is removed."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield aside
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; what lies there is renamed to `path` at the end, and gone where that failed.

    Raises:
        OutputError: it cannot be written or renamed.
    """
    try:
        with beside(path) as aside:
            yield aside
            os.replace(aside, path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}); choose another output path.") from None
