"""The command line: parse, call `voice.py`, show progress. It can do nothing that Python cannot do in as few lines."""

import os
import sys
from collections.abc import Sequence

from voicevae.cli.parser import build_parser
from voicevae.errors import VoiceVAEError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 where the input was bad, 130 where it was interrupted."""
    args = build_parser().parse_args(argv)
    try:
        status = args.run(args)
        sys.stdout.flush()
        return status
    except VoiceVAEError as error:
        print(f"voicevae: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` say, has seen enough; let the flush at exit go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


__all__ = ["main"]
