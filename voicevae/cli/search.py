"""`voicevae search`: find a voice by comparing pairs. It writes pairs and asks; any player plays them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from voicevae import audio
from voicevae.cli.shared import inputs, jobs, voices
from voicevae.cli.shared.options import add_machine, add_out_dir, add_output, add_seed, add_watermark
from voicevae.code import Code, Speaker
from voicevae.files import check_not_input
from voicevae.names import shown

if TYPE_CHECKING:
    from voicevae.verbs.search import Search
    from voicevae.voice import VoiceVAE

GROUP = "voices"
SUMMARY = "design a voice by ear, in pairs"
EXAMPLES = """\
  voicevae search speech.wav -o mine.voice
  voicevae search speech.wav -o mine.voice --gender female --session mine.json
  voicevae search speech.wav -o mine.voice --like reference.wav --out-dir pairs/"""
ANSWERS = {"a": "a", "b": "b", "=": "same"}
UNDO, QUIT = "u", "q"
ASK = "which is nearer to the voice you want: a, b, = (neither), u (undo) or q (quit)? "


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="FILE", help="recording that all voices speak; a few seconds")
    add_output(parser, "voice to write, such as mine.voice")
    add_out_dir(parser, "folder for a.wav and b.wav, anew in each round, and best.wav", Path("search"))
    parser.add_argument("--session", type=Path, metavar="JSON", help="file to keep the choices in, and to go on from")
    parser.add_argument("--gender", metavar="NAME", help="search among these alone: female, male")
    inputs.add_voice(parser, "--like", f"begin with this voice: {inputs.A_VOICE}")
    add_seed(parser, "random seed of the pairs and of the unvoiced noise")
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    like = None if args.like is None else inputs.voice(args.like)
    audio.check_output(args.output, voices.EXTENSIONS)
    a, b, best = sounds = [args.out_dir / name for name in ("a.wav", "b.wav", "best.wav")]
    for output in (args.output, *sounds):
        check_not_input(output, [args.source, like])
    vv = inputs.load(args)
    code = vv.encode(args.source)
    resume = args.session if args.session is not None and args.session.exists() else None
    found = vv.search(args.seed, gender=args.gender, like=like, resume=resume)
    jobs.make_folder(args.out_dir)
    while True:
        _speak(vv, code, args, zip((a, b), found.pair(), strict=True))
        if not _answered(found, f"{len(found.history) + 1}: {a}, {b}; {ASK}"):
            break
        if args.session is not None:
            found.save(args.session)
    _speak(vv, code, args, [(best, found.best())])
    vv.save_voice(found.best(), args.output)
    print(f"{shown(args.output)}: after {len(found.history)} choices; {best} says the sentence with it")
    return 0


def _answered(found: "Search", question: str) -> bool:
    """Ask until there is a valid answer; False to quit, or at the end of the input."""
    while True:
        try:
            answer = input(question).strip().lower()
        except EOFError:
            return False
        if answer == QUIT:
            return False
        if answer in ANSWERS:
            found.choose(ANSWERS[answer])
            return True
        if answer == UNDO and found.history:
            found.undo()
            return True
        jobs.say("There is no choice to take back." if answer == UNDO else f"{answer!r} is none of a, b, =, u, q.")


def _speak(vv: "VoiceVAE", code: Code, args: Namespace, pairs: Iterable[tuple[Path, Speaker]]) -> None:
    for output, speaker in pairs:
        edited = code.edit(speaker)
        jobs.said(vv.decode_file(edited, output, edits="a voice searched for", **jobs.writing(args)))
