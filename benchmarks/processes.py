"""Processes of their own, which end when the one that started them does, however that ended."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from threading import Thread


def fresh(n: int) -> ProcessPoolExecutor:
    """A pool of `n` processes that inherit nothing but what they are sent."""
    return ProcessPoolExecutor(n, multiprocessing.get_context("spawn"), _begin)


def _begin() -> None:
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
