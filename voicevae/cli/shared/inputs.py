"""What verbs are given by name: a bundle, voices, sound files in folders."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voicevae import audio
from voicevae.errors import VoiceVAEError

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

A_VOICE = "a recording, a voice file, or an example: female, male"


def load(args: Namespace) -> "VoiceVAE":
    """The bundle that the options name, on their device, with their threads."""
    import torch

    from voicevae.voice import load

    if args.threads:
        torch.set_num_threads(args.threads)
    return load(args.bundle, args.device)


def add_voice(parser: ArgumentParser, option: str, text: str, **more: bool) -> None:
    parser.add_argument(option, metavar="VOICE", help=text, **more)


def voice(name: str) -> Path:
    """The recording or voice file that `--voice` names; or an example voice shipped beside the default bundle."""
    from voicevae.bundle import DEFAULT

    if Path(name).exists():
        return Path(name)
    examples = {path.stem: path for path in sorted((DEFAULT / "voices").glob("*.flac"))}
    if name in examples:
        return examples[name]
    known = f", or an example voice: {', '.join(examples)}" if examples else ""
    raise VoiceVAEError(f"--voice {name} does not exist; give a recording of the voice, a voice file{known}.")


def sounds(paths: Sequence[Path]) -> list[Path]:
    """The sound files among `paths` and, in alphabetical order, in the folders among them, at any depth.

    Raises:
        VoiceVAEError: a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in audio.FORMATS and not p.name.startswith("."))
        if not inside:
            raise VoiceVAEError(f"{path} holds no sound file; give a folder of {', '.join(audio.FORMATS)} files.")
        found += inside
    return found
