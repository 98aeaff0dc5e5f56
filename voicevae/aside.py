"""Files written whole or not at all: aside first, then renamed."""

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from voicevae.errors import OutputError
from voicevae.names import LONGEST_BYTES, digest, shown

SUFFIX = ".part"
TOKEN_BYTES = 4


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A hidden, free name in the folder of `path`; a file of that name is removed at the end."""
    aside = path.with_name(f"{_prefix(path.name)}{secrets.token_hex(TOKEN_BYTES)}{SUFFIX}")
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
        raise OutputError(f"{shown(path)} cannot be written ({error.strerror}); choose another output path.") from None


def make_folder(path: Path) -> None:
    """Make the folder `path` and those above it where they are missing. Raises OutputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be made a folder ({error.strerror}); choose another.") from None


def sweep(paths: Iterable[Path]) -> None:
    """Remove what killed processes left beside `paths`."""
    folders: dict[Path, set[str]] = {}
    for path in paths:
        folders.setdefault(path.parent, set()).add(_prefix(path.name))
    for folder, prefixes in folders.items():
        for name in os.listdir(folder) if folder.is_dir() else []:
            if name.endswith(SUFFIX) and name.removesuffix(SUFFIX).rpartition(".")[0] + "." in prefixes:
                (folder / name).unlink(missing_ok=True)


def _prefix(name: str) -> str:
    """The beginning of the hidden names for `name`, which may itself be as long as a name can be."""
    prefix = f".{name}."
    fits = len(os.fsencode(prefix)) + 2 * TOKEN_BYTES + len(SUFFIX) <= LONGEST_BYTES
    return prefix if fits else f".{digest(name)}."
