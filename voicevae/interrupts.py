"""Ctrl-C without a traceback.

It ends a process at once while that imports packages, and at its end; between, it is raised as KeyboardInterrupt, so
that nothing half-written stays.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_came = threading.Event()


def end_at_once() -> None:
    """Until `be_raised`, Ctrl-C ends the process without a word."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def be_raised() -> None:
    """Undo `end_at_once`."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, _raise)


@contextmanager
def believed() -> Iterator[None]:
    """Whatever error follows Ctrl-C is KeyboardInterrupt: a package in C++ that is being imported makes another of it.

    Raises:
        KeyboardInterrupt: Ctrl-C came, and an error with it.
    """
    try:
        yield
    except Exception:
        if _came.is_set():
            raise KeyboardInterrupt from None
        raise


def _raise(number: int, frame: FrameType | None) -> None:
    _came.set()
    signal.default_int_handler(number, frame)
