"""What commands are given by name: a bundle, a voice."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from voicevae.errors import VoiceVAEError

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE


def load(args: Namespace) -> "VoiceVAE":
    """The bundle that the options name, on their device, with their threads."""
    import torch

    from voicevae.voice import load

    if args.threads:
        torch.set_num_threads(args.threads)
    return load(args.bundle, args.device)


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
