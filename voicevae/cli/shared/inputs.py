"""What verbs are given by name: a bundle, voices, sound files in folders."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicevae import containers
from voicevae.cli.shared.jobs import say
from voicevae.errors import VoiceVAEError

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

A_VOICE = "a recording, a voice file, or an example: female, male"


def load(args: Namespace, networks: Sequence[str] = ()) -> "VoiceVAE":
    """The bundle that the options name, on their device, with their threads.

    The F0 detector and the `networks` that a verb is sure to need, in the order in which it does, are loaded beside.
    """
    from voicevae import threads
    from voicevae.features import prosody

    if args.threads:
        threads.use(args.threads)
    if networks:
        prosody.prepare()
    from voicevae.voice import load  # takes as long as the detector

    vv = load(args.bundle, args.device, args.engine)
    vv.networks.prepare(*networks)
    return vv


def add_voice(parser: ArgumentParser, option: str, text: str, **more: Any) -> None:
    """An `option` whose value is a recording, a folder, a voice file or the name of an example voice."""
    parser.add_argument(option, metavar="VOICE", help=text, **more)


def voices(names: Sequence[str]) -> Path | list[Path]:
    """As `voice`; several are of one speaker."""
    found = [voice(name) for name in names]
    return found[0] if len(found) == 1 else found


def voice(name: str) -> Path:
    """The recording, folder of them or voice file that an option names; or an example voice of the shipped bundle."""
    from voicevae import bundle

    if os.path.exists(name):
        return Path(name)
    examples = bundle.examples()
    if name in examples:
        return examples[name]
    known = f", or an example voice: {', '.join(examples)}" if examples else ""
    raise VoiceVAEError(f"--voice {name} does not exist; give a recording of the voice, a voice file{known}.")


def sounds(paths: Sequence[Path]) -> list[Path]:
    """The sound files among `paths` and, in alphabetical order, in the folders among them, at any depth; what a folder
    holds beside them is said.

    Raises:
        VoiceVAEError: a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not os.path.isdir(path):
            found.append(path)
            continue
        inside = containers.in_folder(path)
        if inside.left_out:
            say(f"voicevae: {containers.left_out(inside.left_out)}; convert them to WAV or FLAC.")
        found += inside.readable
    return found
