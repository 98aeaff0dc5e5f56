"""The options for edits of spans, as a change of a code."""

from argparse import Namespace
from collections.abc import Callable

from voicevae.cli import batch_commands
from voicevae.cli.files import say
from voicevae.code import Code
from voicevae.errors import VoiceVAEError


def marking(args: Namespace) -> Callable[[Code], Code]:
    """What puts the marks that the options ask for upon a code; files are read at once.

    Raises:
        VoiceVAEError: a file cannot be used, or there are many recordings, or one of --ssml and --timings is missing.
    """
    from voicevae.tts.inputs import read_marks, read_text, read_timings
    from voicevae.tts.ssml import read_ssml

    asked = {name: getattr(args, name) for name in ("marks", "ssml", "timings") if getattr(args, name) is not None}
    if asked and (len(args.sources) > 1 or batch_commands.asked(args)):
        raise VoiceVAEError(f"--{next(iter(asked))} holds for one recording; give one, and no workers.")
    if (args.ssml is None) != (args.timings is None):
        raise VoiceVAEError("--ssml needs --timings, and --timings needs --ssml; give both.")
    marks = [] if args.marks is None else read_marks(args.marks)
    text = None if args.ssml is None else read_text(args.ssml)
    timings = [] if args.timings is None else read_timings(args.timings)

    def mark(code: Code) -> Code:
        if text is None:
            return code.edit(marks=marks)
        read = read_ssml(text, timings, code.speaker)
        if read.ignored:
            say(f"{args.ssml}: changes nothing: {', '.join(read.ignored)}.")
        return code.edit(marks=[*marks, *read.marks])

    return mark
