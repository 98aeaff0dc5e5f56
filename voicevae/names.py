"""Names of files: shown in messages whatever they hold, and made to fit the file system."""

import hashlib
import os

LONGEST_BYTES = 255


def shown(path: str | os.PathLike[str]) -> str:
    """A path to print: bytes that are no UTF-8, line ends and other unprintable characters as escapes."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


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
