"""The command `search`: it writes pairs and asks; somebody else plays them."""

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from voicevae import audio, voicefile
from voicevae.cli import files
from voicevae.cli.inputs import load
from voicevae.cli.inputs import voice as voice_of
from voicevae.code import Code, Speaker

if TYPE_CHECKING:
    from voicevae.verbs.search import Search
    from voicevae.voice import VoiceVAE

ANSWERS = {"a": "a", "b": "b", "=": "same"}
UNDO, QUIT = "u", "q"
ASK = "which is nearer to the voice you want: a, b, = (neither), u (undo) or q (quit)? "


def search(args: Namespace) -> int:
    like = None if args.like is None else voice_of(args.like)
    audio.check_output(args.output, [voicefile.EXTENSION])
    sounds = [args.out_dir / name for name in ("a.wav", "b.wav", "best.wav")]
    for output in (args.output, *sounds):
        files.check_kept(output, [args.source, *([] if like is None else [like])])
    vv = load(args)
    code = vv.encode(args.source)
    resume = args.session if args.session is not None and args.session.exists() else None
    found = vv.search(args.seed, gender=args.gender, like=like, resume=resume)
    files.make_folder(args.out_dir)
    while True:
        _speak(vv, code, args, zip(sounds[:2], found.pair(), strict=True))
        if not _answered(found, f"{len(found.history) + 1}: {sounds[0]}, {sounds[1]}; {ASK}"):
            break
        if args.session is not None:
            found.save(args.session)
    _speak(vv, code, args, [(sounds[2], found.best())])
    vv.save_voice(found.best(), args.output)
    print(f"{args.output}: after {len(found.history)} choices; {sounds[2]} says the sentence with it")
    return 0


def _answered(found: "Search", question: str) -> bool:
    """Ask until there is an answer that can be done; False to quit, also where nobody answers any more."""
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
        files.say("There is no choice to take back." if answer == UNDO else f"{answer!r} is none of a, b, =, u, q.")


def _speak(vv: "VoiceVAE", code: Code, args: Namespace, voices: Iterable[tuple[Path, Speaker]]) -> None:
    for output, speaker in voices:
        files.write_speech(args, output, vv.decode_blocks(code.edit(speaker), args.seed), vv, "a voice searched for")
