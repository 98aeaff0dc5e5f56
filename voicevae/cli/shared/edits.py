"""Options for edits: of the whole, as `voicevae.edits.Edit` declares them, and of spans."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from voicevae.cli.shared import corpora
from voicevae.cli.shared.jobs import say
from voicevae.cli.shared.options import number
from voicevae.code import SHARES, Speaker
from voicevae.edits import CONTROLS
from voicevae.errors import VoiceVAEError
from voicevae.marks import Mark

SPANS = {
    "--marks": "JSON: start_s, end_s and edits, such as pitch_semitones, of each span",
    "--ssml": "text with <prosody> and <emphasis>; with --timings",
    "--timings": "JSON: word, start_s and end_s of each word of --ssml",
}


def add_shares(parser: ArgumentParser) -> None:
    """What a conversion takes from the recording, and what from the voice."""
    for name, (default, text) in SHARES.items():
        help_text = f"{text} (default {default:g})"
        parser.add_argument(f"--{name}", type=number(0, 1), metavar="SHARE", help=help_text)


def add_edits(parser: ArgumentParser) -> None:
    """An option for each edit, with its range and unit, and for edits of spans."""
    add_values(parser, CONTROLS)
    group = parser.add_argument_group("edits of spans, of one recording")
    for option, text in SPANS.items():
        group.add_argument(option, type=Path, metavar="FILE", help=text)


def add_values(parser: ArgumentParser, names: Collection[str] = CONTROLS) -> None:
    """An option for each edit of `names`, with its range and unit."""
    group = parser.add_argument_group("edits")
    for name in names:
        one = CONTROLS[name]
        text = f"{one.help}; from {one.low:g} to {one.high:g}"
        group.add_argument(one.option, dest=name, type=number(one.low, one.high), metavar=one.unit.upper(), help=text)


def asked(args: Namespace) -> dict[str, Any]:
    """The edits of the whole that were asked for, by name, and the shares of a conversion."""
    return {name: value for name in (*CONTROLS, *SHARES) if (value := getattr(args, name, None)) is not None}


def spans(args: Namespace) -> Callable[[Speaker | None], list[Mark]]:
    """What gives the edits of spans that were asked for; their files are read at once.

    It takes the voice that says them: the values of SSML in Hz are relative to it.

    Raises:
        VoiceVAEError: a file cannot be used, or there are many recordings, or one of --ssml and --timings is missing.
    """
    given = [name for name in ("marks", "ssml", "timings") if getattr(args, name) is not None]
    if not given:
        return lambda speaker: []
    from voicevae.tts.inputs import read_marks, read_text, read_timings
    from voicevae.tts.ssml import read_ssml

    if len(args.sources) > 1 or corpora.asked(args):
        raise VoiceVAEError(f"--{given[0]} holds for one recording; give one, and no workers.")
    if (args.ssml is None) != (args.timings is None):
        raise VoiceVAEError("--ssml needs --timings, and --timings needs --ssml; give both.")
    marks = [] if args.marks is None else read_marks(args.marks)
    if args.ssml is None:
        return lambda speaker: marks
    text, timings = read_text(args.ssml), read_timings(args.timings)

    def of(speaker: Speaker | None) -> list[Mark]:
        read = read_ssml(text, timings, speaker)
        if read.ignored:
            say(f"{args.ssml}: changes nothing: {', '.join(read.ignored)}.")
        return [*marks, *read.marks]

    return of
