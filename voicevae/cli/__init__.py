"""The command line: parse, call `voice.py`, show progress. It can do nothing that Python cannot do in as few lines."""

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of numpy: it would wait for, and be waited for by, the networks'

from voicevae import interrupts  # noqa: E402
from voicevae.cli.parser import build_parser  # noqa: E402
from voicevae.cli.shared import pipes  # noqa: E402
from voicevae.errors import VoiceVAEError, sentence_of  # noqa: E402
from voicevae.names import show_anything  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 where the input was bad, 130 where it was interrupted."""
    _open_streams()
    show_anything()
    try:
        try:
            args = build_parser().parse_args(argv)
            with _plain_warnings(), interrupts.believed():
                return pipes.run(args)
        finally:
            sys.stdout.flush()
    except VoiceVAEError as error:
        print(f"voicevae: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        _forget_output()
        return 0
    except OSError as error:
        if error.filename is None:
            _forget_output()
        print(f"voicevae: {sentence_of(error)}", file=sys.stderr)
        return 2


def _open_streams() -> None:
    """A stream that was closed before leads nowhere."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


def _forget_output() -> None:
    """What waits for standard output goes nowhere: Python would fail to write it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """A warning of ours is one line, without the place in the code."""
    shown = warnings.showwarning

    def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        if category is UserWarning:
            print(f"voicevae: {message}", file=sys.stderr)
        else:
            shown(message, category, *place, **more)

    with warnings.catch_warnings():
        warnings.filterwarnings("always", category=UserWarning, module=r"voicevae\.")  # also of a second file
        warnings.showwarning = show
        yield


__all__ = ["main"]
