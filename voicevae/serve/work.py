"""Work in a bounded number of threads, for which a bounded number of requests waits: the event loop never computes."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from starlette.exceptions import HTTPException

Made = TypeVar("Made")
WAITING = 4  # requests for each thread
RETRY_S = "5"


class Work:
    """threads: that compute at a time; `WAITING` times as many requests wait for them, and all others are refused."""

    def __init__(self, threads: int) -> None:
        self.pool = ThreadPoolExecutor(threads, "work")
        self._places = threading.BoundedSemaphore(threads * (1 + WAITING))

    async def do(self, function: Callable[[], Made]) -> Made:
        """What `function` returns, which runs in a thread.

        Raises:
            HTTPException: 429, too many wait already.
        """
        if not self._places.acquire(blocking=False):
            sentence = "The server is busy with other requests; try again in some seconds."
            raise HTTPException(429, sentence, {"retry-after": RETRY_S})
        future = self.pool.submit(function)
        future.add_done_callback(lambda _: self._places.release())  # also of a client who left: work goes on to its end
        return await asyncio.wrap_future(future)

    def __enter__(self) -> "Work":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.pool.shutdown(cancel_futures=True)
