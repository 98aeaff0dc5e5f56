"""Errors that a user's input can cause; each message is one sentence that names the file or argument, the fault and the
cure."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from voicevae.names import printable

DAMAGED = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, MemoryError, ArithmeticError),
    *(RuntimeError, SyntaxError, zipfile.BadZipFile, zlib.error, struct.error),
)  # what reading a damaged or foreign file of numbers or JSON may raise


class VoiceVAEError(ValueError):
    """Base of every error that a user's input can cause; the command line prints it and exits with 2.

    The sentence is one line that any terminal can show, whatever names are in it.
    """

    def __init__(self, sentence: str = "") -> None:
        super().__init__(printable(sentence))


class AudioError(VoiceVAEError):
    """A sound that cannot be read, used or written."""


class SilenceError(AudioError):
    """A sound with nothing to hear in it."""


class BundleError(VoiceVAEError):
    """A model bundle that is missing, incomplete or damaged."""


class EditError(VoiceVAEError):
    """An edit, option or argument that does not exist or whose value lies outside its range."""


class InputError(VoiceVAEError):
    """A missing or unreadable input file that is no sound: a code, voice, search, MIDI, SSML or JSON file."""


class OutputError(VoiceVAEError):
    """A file that cannot be written."""


class MissingPackageError(VoiceVAEError):
    """An optional package that is needed and not installed."""


class CorpusError(VoiceVAEError):
    """A corpus that cannot be prepared."""


def sentence_of(error: OSError) -> str:
    """What the system refused, where nothing nearer says it: a full disk, say. Without a name it is standard output."""
    place = "Standard output" if error.filename is None else printable(str(error.filename))
    return f"{place} cannot be read or written ({error.strerror or error}); check it, and its disk."


def first_line(error: Exception) -> str:
    """What another package's error says first, without a full stop, to be part of a sentence."""
    return str(error).strip().partition("\n")[0].rstrip(".")


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """Turn a package that is not installed into one sentence: `what` needs it, and which extra of voicevae brings it.

    Raises:
        MissingPackageError: an import within failed.
    """
    try:
        yield
    except ImportError as error:
        raise MissingPackageError(f'{what} needs {error.name}; pip install "voicevae[{extra}]" brings it.') from None
