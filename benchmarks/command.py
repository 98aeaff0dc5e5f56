"""What the commands of the benchmarks share."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from voicevae.errors import VoiceVAEError


def add_corpus(parser: ArgumentParser) -> None:
    """`--corpus` and `--split`: the recordings to measure on."""
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="folder of recordings")
    parser.add_argument("--split", default="dev", help="speakers never trained on (default: dev)")


def printed(work: Callable[[], str]) -> int:
    """Print the text that `work` makes; returns the exit code: 0, or 2 after one sentence where the input was bad."""
    try:
        text = work()
    except ModuleNotFoundError as error:
        print(f'voicevae: the benchmark needs {error.name}; pip install "voicevae[eval]" brings it.', file=sys.stderr)
        return 2
    except VoiceVAEError as error:
        print(f"voicevae: {error}", file=sys.stderr)
        return 2
    print(text)
    return 0
