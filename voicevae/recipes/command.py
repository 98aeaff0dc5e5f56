"""The command line of a recipe's stage."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from voicevae import interrupts
from voicevae.errors import VoiceVAEError, sentence_of
from voicevae.names import show_anything


class Parser(argparse.ArgumentParser):
    """Shows a module's docstring as help, and prints an error in one line, without argparse's usage."""

    def __init__(self, description: str | None) -> None:
        super().__init__(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def run(stage: Callable[[], object]) -> None:
    """Call a stage; an error that a user can mend becomes one sentence and exit code 2, an interruption 130."""
    show_anything()
    interrupts.be_raised()
    try:
        with interrupts.believed():
            stage()
    except VoiceVAEError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(sentence_of(error), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        interrupts.end_at_once()


def add_measured(parser: Parser) -> None:
    """What is measured, and by which recogniser: of a stage that converts pairs of speakers."""
    parser.add_argument("--corpus", type=Path, required=True, help="folder of recordings, or a prepared experiment")
    parser.add_argument("--bundle", type=Path, help="folder of the bundle (default: the shipped one)")
    parser.add_argument("--split", default="dev", help="speakers never trained on (default dev)")
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default $VOICEVAE_WHISPER)")


def minutes(words: str) -> float:
    """The value of --minutes. Raises ArgumentTypeError unless it is a number above 0."""
    try:
        value = float(words)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{words!r} is no number of minutes; give one above 0")
    return value


def train(description: str | None, stage: Callable[..., None], argv: Sequence[str] | None = None) -> None:
    """The command line of a training stage."""
    parser = Parser(description)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--devices", type=int, default=1, metavar="N", help="GPUs, or processes on CPUs (default 1)")
    parser.add_argument("--nodes", type=int, default=1, metavar="N", help="machines with so many devices (default 1)")
    parser.add_argument("--minutes", type=minutes, metavar="M", help="train so long, however many steps that makes")
    args = parser.parse_args(argv)
    for name in ("devices", "nodes"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} {getattr(args, name)}: give 1 or more")
    run(lambda: stage(args.exp, args.config, args.resume, args.devices, args.nodes, args.minutes))
