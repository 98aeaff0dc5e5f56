"""What a user can get wrong; each message is one sentence that names the thing, what is wrong with it, and the cure."""

from collections.abc import Iterator
from contextlib import contextmanager


class VoiceVAEError(ValueError):
    """Base of every error that a user's input can cause; the command line prints it and exits with 2."""


class AudioError(VoiceVAEError):
    """A sound that cannot be read, used or written."""


class BundleError(VoiceVAEError):
    """A model bundle that is missing, incomplete or damaged."""


class EditError(VoiceVAEError):
    """An edit whose value lies outside its range."""


class CorpusError(VoiceVAEError):
    """A corpus that cannot be prepared."""


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """Turn a package that is not installed into one sentence: `what` needs it, and which extra of voicevae brings it.

    Raises:
        VoiceVAEError: an import within failed.
    """
    try:
        yield
    except ImportError as error:
        raise VoiceVAEError(f'{what} needs {error.name}; pip install "voicevae[{extra}]" brings it.') from None
