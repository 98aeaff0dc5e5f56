"""The same work on many items: in this process, in other processes, or on a Dask cluster.

Any `concurrent.futures.Executor` works. Functions and items are pickled, and processes are started fresh, so a script
that uses them needs `if __name__ == "__main__":`. On a cluster, workers need voicevae, and the files under the same
paths.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    InvalidStateError,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeVar

from voicevae.errors import VoiceVAEError

Item = TypeVar("Item")
Result = TypeVar("Result")
PENDING = 256  # items handed out at a time, so that memory does not grow with their number
POSIX = os.name == "posix"
EXIT_TERMINATED = 128 + signal.SIGTERM
PATIENCE_S = 10.0  # for a scheduler and its first worker


class WorkersError(VoiceVAEError):
    """Workers that cannot be started, or that were lost."""


def run(
    function: Callable[[Item], Result], items: Iterable[Item], executor: Executor | None = None
) -> Iterator[Result]:
    """`function(item)` for each item: in order without an executor, else each as soon as it is finished.

    A result must identify its item. Where a cluster loses a worker, its items are repeated by another, so a second call
    of `function` with an item must leave the same as one.

    Raises:
        WorkersError: worker processes were killed. Besides, whatever `function` raises; waiting items are then dropped.
    """
    if executor is None:
        yield from map(function, items)
        return
    waiting, pending = iter(items), set[Future[Result]]()
    try:
        while True:
            pending |= {executor.submit(_result, function, item) for item in islice(waiting, PENDING - len(pending))}
            if not pending:
                return
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except _lost():
        raise WorkersError(
            "Worker processes were killed, perhaps for lack of memory; run again with fewer workers, it goes on where "
            "it stopped."
        ) from None
    finally:
        for future in pending:
            future.cancel()


@contextmanager
def workers(n: int = 1) -> Iterator[Executor | None]:
    """Executor for `run`: `n` processes of one thread each, None for one."""
    if n < 2:
        yield None
        return
    with processes(n) as pool:
        yield pool


@contextmanager
def processes(n: int) -> Iterator[Executor]:
    """`n` fresh processes of one thread each. Ctrl-C ends them, and what they were writing is removed."""
    # Not forked: a fork of a process that has run torch's threads can hang.
    with _cancelled_in_silence(), ProcessPoolExecutor(n, _Spawn(), _begin) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                if isinstance(process, _Worker):
                    process.terminate()
            raise


@contextmanager
def _cancelled_in_silence() -> Iterator[None]:
    """A pool of Python 3.11 that lost its processes fails, in a thread of its own, where it ends an item that was
    cancelled: nobody need read that."""
    before = threading.excepthook
    threading.excepthook = lambda raised: None if raised.exc_type is InvalidStateError else before(raised)
    try:
        yield
    finally:
        threading.excepthook = before


@contextmanager
def cluster(scheduler: str | None) -> Iterator[Executor | None]:
    """Executor for `run`: the workers of a Dask scheduler, None without its address.

    Args:
        scheduler: address, such as "tcp://10.0.0.1:8786".

    Raises:
        WorkersError: no scheduler answers there, it has no workers, or Dask is not installed.
    """
    if scheduler is None:
        yield None
        return
    with _client(scheduler) as client:
        yield client.get_executor()


class _Worker(SpawnProcess):
    """A process that Ctrl-C does not reach, from its first moment on: the one that started it ends it."""

    def start(self) -> None:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]) if POSIX else []  # a new process inherits it
        try:
            super().start()
        finally:
            if POSIX:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Spawn(SpawnContext):
    Process = _Worker


class _Ended(SystemExit):
    """Raised in a worker, so that it removes what it was writing."""


def _end(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Ended(EXIT_TERMINATED)


def _result(function: Callable[[Item], Result], item: Item) -> Result:
    try:
        return function(item)
    except _Ended:
        os._exit(EXIT_TERMINATED)  # the pool would go on with the next item


def _begin() -> None:
    """Of a worker."""
    signal.signal(signal.SIGTERM, _end)
    os.environ["OMP_NUM_THREADS"] = "1"
    if torch := sys.modules.get("torch"):  # if imported: it is slow to import, and not all work needs it
        torch.set_num_threads(1)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise WorkersError('A scheduler needs Dask; pip install "voicevae[dask]" brings it.') from None
    try:
        client = Client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError):
        raise WorkersError(f"No Dask scheduler answers at {address}; start one with `dask scheduler`.") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError:
            raise WorkersError(
                f"The scheduler at {address} has no workers; start some with `dask worker {address}`."
            ) from None
        yield client


def _lost() -> tuple[type[BaseException], ...]:
    """How executors say that workers died."""
    lost: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError)
    if dask := sys.modules.get("distributed"):
        lost += (dask.KilledWorker,)
    return lost
