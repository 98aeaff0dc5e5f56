"""How large a request may be, and how long it may take to arrive."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from starlette.exceptions import HTTPException

from voicevae.serve.gate import App, Scope, refuse

ARRIVES_S = 120.0
DRAINED = 2  # times the most: so much of what is refused is read and dropped, or its sender would not see the answer
DRAINED_S = 10.0


class Bodies:
    """Answers 413 to a request of more than `max_mb`, without keeping it, and 408 to one that never ends."""

    def __init__(self, app: App, max_mb: float) -> None:
        self.app, self.most = app, round(max_mb * 1e6)
        self.sentence = f"The request is larger than {max_mb:g} MB; send shorter or compressed recordings."

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.most:
            await self._drain(receive)
            await refuse(scope, send, 413, self.sentence, {"connection": "close"})
            return
        await self.app(scope, self._counted(receive), send)

    async def _drain(self, receive: Any) -> None:
        left = DRAINED * self.most
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_S):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return

    def _counted(self, receive: Any) -> Any:
        """`receive`, which fails where the body goes on for too long."""
        left, ends, is_whole = self.most, time.monotonic() + ARRIVES_S, False

        async def counted() -> dict[str, Any]:
            nonlocal left, is_whole
            if is_whole:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(ends - time.monotonic(), 0))
            except TimeoutError:
                raise HTTPException(408, f"The request did not arrive within {ARRIVES_S:g} s; send it again.") from None
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, self.sentence, {"connection": "close"})
            is_whole = not message.get("more_body", False)
            return message

        return counted
