"""What a user can get wrong; each message is one sentence that names the thing, what is wrong with it, and the cure."""


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
