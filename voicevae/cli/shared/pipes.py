"""`-` as a file: a sound from standard input, a result to standard output, and all that is said on stderr."""

import re
import shutil
import sys
import tempfile
from argparse import Namespace
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from voicevae.errors import InputError, OutputError, VoiceVAEError

PIPE = Path("-")
INPUT, OUTPUT = "stdin", "stdout"  # names of the files that stand for them
PREFIX = "voicevae-pipe-"  # of the folder that these lie in


def run(args: Namespace) -> int:
    """`args.run`, with files in place of pipes; `args.extension` says what goes to standard output.

    Raises:
        InputError: standard input is a terminal, or is asked for twice. OutputError: standard output is a terminal.
    """
    sources, output = getattr(args, "sources", []), getattr(args, "output", None)
    piped, extension = output == PIPE, getattr(args, "extension", None)
    piped = piped and extension is not None
    if not (piped or PIPE in sources):
        return args.run(args)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX)))
        if sources.count(PIPE) > 1:
            raise InputError("Standard input is given twice and can be read once; give one -.")
        if PIPE in sources:
            args.sources = [_received(folder) if one == PIPE else one for one in sources]
        if piped:
            if sys.stdout.isatty():
                raise OutputError("Standard output is a terminal; redirect it to a file, or give the name of one.")
            args.output = folder / f"{OUTPUT}{extension}"
        stderr = _Renaming(sys.stderr, folder)
        try:
            with redirect_stderr(stderr), redirect_stdout(stderr if piped else _Renaming(sys.stdout, folder)):
                status = args.run(args)
        except VoiceVAEError as error:
            raise type(error)(_renamed(str(error), folder)) from None
        if piped and status == 0:
            with open(args.output, "rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        return status


def said(name: str) -> str:
    """The name of a source as it was given: of the file that stands for standard input, `-`."""
    path = Path(name)
    return str(PIPE) if path.name == INPUT and path.parent.name.startswith(PREFIX) else name


def _received(folder: Path) -> Path:
    """Standard input as a file."""
    if sys.stdin is None or sys.stdin.closed:
        raise InputError("Standard input is closed; pipe a sound into it, or give the name of a file.")
    if sys.stdin.isatty():
        raise InputError("Standard input is a terminal; pipe a sound into it, or give the name of a file.")
    path = folder / INPUT
    with open(path, "xb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


class _Renaming:
    """A text stream in which files that stand for pipes are called what they stand for."""

    def __init__(self, stream: Any, folder: Path) -> None:
        self.stream, self.folder = stream, folder

    def write(self, text: str) -> int:
        self.stream.write(_renamed(text, self.folder))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _renamed(text: str, folder: Path) -> str:
    text = re.sub(re.escape(str(folder / OUTPUT)) + r"(\.\w+)*", "standard output", text)
    text = re.sub(rf"^{re.escape(str(folder / INPUT))}\b", "Standard input", text)
    text = text.replace(f"{folder / INPUT} ", "Standard input ")
    return re.sub(re.escape(str(folder / INPUT)) + r"(\.\w+)*", "standard input", text)
