"""Processes of their own, which end when the one that started them does, however that ended."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from threading import Thread


def fresh(n: int) -> ProcessPoolExecutor:
    """A pool of `n` processes that inherit nothing but what they are sent."""
    return ProcessPoolExecutor(n, multiprocessing.get_context("spawn"), _begin)


@contextmanager
def serving(module: str, *options: str) -> Iterator[tuple[str, int]]:
    """The address and the process of `python -m module options` on a free port, once it says where it is."""
    command = [sys.executable, "-m", module, *options, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield line.split(";")[0].split(" at ")[1], process.pid
        finally:
            process.terminate()


def _begin() -> None:
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
