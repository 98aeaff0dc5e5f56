"""Names of files: shown in messages whatever they hold, and made to fit the file system."""

import hashlib
import os
import sys

LONGEST_BYTES = 255


def shown(path: str | os.PathLike[str]) -> str:
    """A path to print: bytes that are no UTF-8, line ends and other unprintable characters as escapes."""
    return printable(os.fsdecode(path))


def printable(text: str) -> str:
    """`text` with bytes that are no UTF-8, line ends and other unprintable characters as escapes.

    >>> printable("a\\udce9\\n")
    'a\\\\xe9\\\\n'
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def show_anything() -> None:
    """What the encoding of standard output and error lacks is shown with escapes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def fitted(stem: str, extension: str = "") -> str:
    """`stem` + `extension`, or, where that is too long for a file system, a shorter stem with a digest of the whole."""
    if len(os.fsencode(stem + extension)) <= LONGEST_BYTES:
        return stem + extension
    ending = f"-{digest(stem)}{extension}"
    room = LONGEST_BYTES - len(os.fsencode(ending))
    return os.fsencode(stem)[:room].decode("utf-8", "ignore") + ending


def digest(name: str) -> str:
    """Eight hexadecimal digits that tell names apart."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]


def is_text(path: str | os.PathLike[str]) -> bool:
    """Whether a path is valid Unicode, as what is written as UTF-8 must be."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(character: str) -> str:
    """A byte of a name that is no UTF-8 is shown as that byte."""
    code = ord(character)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else character.encode("unicode_escape").decode()
