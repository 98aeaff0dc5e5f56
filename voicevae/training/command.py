"""The command line of the recipes' stages."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from voicevae.errors import VoiceVAEError


def run(stage: Callable[[], None]) -> None:
    """Call a stage; an error that a user can mend becomes one sentence and exit code 2."""
    try:
        stage()
    except VoiceVAEError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def command(description: str | None, train: Callable[..., None], clocked: bool = False) -> None:
    """The command line of a training stage; a `clocked` one takes --minutes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--devices", type=int, default=1, metavar="N", help="GPUs, or processes on CPUs (default 1)")
    parser.add_argument("--nodes", type=int, default=1, metavar="N", help="machines with so many devices (default 1)")
    if clocked:
        parser.add_argument("--minutes", type=float, help="train so long, however many steps that makes")
    args = parser.parse_args()
    minutes = vars(args).pop("minutes", None)
    if minutes is not None and not 0 < minutes < float("inf"):
        parser.error(f"--minutes {minutes:g}: give a number above 0.")
    for name in ("devices", "nodes"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} {getattr(args, name)}: give 1 or more.")
    budget = {} if minutes is None else {"minutes": minutes}
    run(lambda: train(args.exp, args.config, args.resume, args.devices, args.nodes, **budget))
