"""`-` as a file: a sound from standard input, a result to standard output, and all that is said on stderr."""

import shutil
import sys
import tempfile
from argparse import Namespace
from contextlib import ExitStack, redirect_stdout
from pathlib import Path

from voicevae.errors import InputError, OutputError, VoiceVAEError

PIPE = Path("-")
INPUT, OUTPUT = "stdin", "stdout"  # names of the files that stand for them


def run(args: Namespace) -> int:
    """`args.run`, with files in place of pipes; `args.extension` says what goes to standard output.

    Raises:
        InputError: standard input is a terminal, or is asked for twice. OutputError: standard output is a terminal.
    """
    sources, output = getattr(args, "sources", []), getattr(args, "output", None)
    piped, extension = output == PIPE, getattr(args, "extension", None)
    if extension is None or not (piped or PIPE in sources):
        return args.run(args)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if PIPE in sources:
            args.sources = [_received(folder, len(sources)) if one == PIPE else one for one in sources]
        if piped:
            if sys.stdout.isatty():
                raise OutputError("Standard output is a terminal; redirect it to a file, or give the name of one.")
            args.output = folder / f"{OUTPUT}{extension}"
        try:
            with redirect_stdout(sys.stderr if piped else sys.stdout):
                status = args.run(args)
        except VoiceVAEError as error:
            raise type(error)(_renamed(str(error), folder)) from None
        if piped and status == 0:
            with open(args.output, "rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        return status


def _received(folder: Path, n_sources: int) -> Path:
    """Standard input as a file."""
    if sys.stdin.isatty():
        raise InputError("Standard input is a terminal; pipe a sound into it, or give the name of a file.")
    path = folder / INPUT
    with open(path, "xb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


def _renamed(sentence: str, folder: Path) -> str:
    return sentence.replace(f"{folder / INPUT} ", "Standard input ").replace(str(folder / OUTPUT), "standard output")
