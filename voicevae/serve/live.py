"""A live socket: blocks of speech in, blocks of changed speech out, as they come.

The first message is JSON (`forms.LiveStart`), and is answered by `{"latency_ms": ...}`. Then each binary message is a
block, and each JSON one a change, or the end (`forms.LiveChange`). Blocks are computed in threads.
What comes faster than it can be computed is dropped, the oldest first, and never queued: the delay cannot grow.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import traceback
from collections import deque
from collections.abc import Callable, MutableMapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

from voicevae.errors import VoiceVAEError
from voicevae.live_watermark import LiveMarker
from voicevae.serve import pcm, problems
from voicevae.serve.forms import LiveChange, LiveStart

if TYPE_CHECKING:
    from voicevae.code import Speaker

LATE_S = 0.2  # of blocks that wait
LONGEST_S = 1.0  # of a block
FIRST_S = 10.0  # until the first message
IDLE_S = 60.0  # without a message
SEND_S = 10.0  # until a client has taken a block
LARGEST_JSON = 4096  # characters
POLICY, NORMAL = 1008, 1000  # codes of RFC 6455, section 7.4
WHERE = "docs/server.md"
Form = TypeVar("Form", bound=BaseModel)


class Engine(Protocol):
    """What `vv.live` gives."""

    latency_ms: float

    def feed(self, block: np.ndarray) -> np.ndarray: ...
    def flush(self) -> np.ndarray: ...
    def set(self, **changes: Any) -> None: ...


class Marked:
    """An engine whose output at `rate` Hz carries the watermark, with no more delay."""

    def __init__(self, engine: Engine, rate: int) -> None:
        self.engine, self.marker, self.latency_ms = engine, LiveMarker(rate), engine.latency_ms
        self.set = engine.set

    def feed(self, block: np.ndarray) -> np.ndarray:
        """What the engine makes of a block `[n]`, marked."""
        return self.marker.feed(self.engine.feed(block))

    def flush(self) -> np.ndarray:
        """The rest, marked."""
        return self.marker.feed(self.engine.flush())


class Session:
    """One live socket that was accepted.

    Args:
        start: `vv.live`, whose output is marked. voice: from a name to a voice. pool: threads to compute in.
    """

    def __init__(
        self, socket: WebSocket, start: Callable[..., Engine], voice: Callable[[str], Speaker], pool: Executor
    ) -> None:
        self.socket, self.start, self.voice, self.pool = socket, start, voice, pool
        self.waiting: deque[np.ndarray] = deque()
        self.news, self.in_order = asyncio.Event(), asyncio.Lock()
        self.tasks: set[asyncio.Task[None]] = set()
        self.has_ended = False
        self.dropped = self.told = 0  # samples

    async def run(self) -> None:
        """Serve the socket to its end, whoever ends it."""
        with contextlib.suppress(WebSocketDisconnect, TimeoutError):
            try:
                if await self._open():
                    reading = asyncio.create_task(self._read())
                    self.tasks.add(reading)
                    await self._compute(reading)
            except TimeoutError:
                await self._tell({"error": "Nothing was sent, or taken, for too long; connect again."})
                await self.socket.close(NORMAL)
            finally:
                for task in self.tasks:
                    task.cancel()
                await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _open(self) -> bool:
        """Whether the first message could be used."""
        message = await asyncio.wait_for(self.socket.receive(), FIRST_S)
        if message["type"] == "websocket.disconnect":
            return False
        try:
            asked = _parsed(message, LiveStart)
            self.rate, self.kind = asked.sample_rate, asked.format
            self.engine = await self._do(lambda: self.start(self.rate, **self._named(asked)))
        except VoiceVAEError as error:
            await self._tell({"error": str(error)})
            await self.socket.close(POLICY)
            return False
        await self._tell({"latency_ms": self.engine.latency_ms, "sample_rate": self.rate, "format": self.kind})
        return True

    async def _read(self) -> None:
        """Take messages as they come, until the client leaves, or is silent for too long."""
        try:
            while True:
                await self._received(await asyncio.wait_for(self.socket.receive(), IDLE_S))
        finally:
            self.news.set()

    async def _received(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        if message.get("bytes") is None:
            change = asyncio.create_task(self._change(message))  # a voice may have to be read: blocks need not wait
            self.tasks.add(change)
            change.add_done_callback(self.tasks.discard)
            if self.in_order.locked():  # but the next change does
                await asyncio.wait({change})
        else:
            await self._take(message["bytes"])
            self.news.set()

    async def _take(self, data: bytes) -> None:
        """Let a block wait, and drop those for which it is too late."""
        try:
            block = pcm.decoded(data, self.kind)
        except VoiceVAEError as error:
            await self._tell({"error": str(error)})
            return
        if len(block) > LONGEST_S * self.rate:
            await self._tell({"error": f"A block is {len(block) / self.rate:.1f} s; send at most {LONGEST_S:g} s."})
            return
        self.waiting.append(block)
        while len(self.waiting) > 1 and sum(map(len, self.waiting)) > LATE_S * self.rate:
            self.dropped += len(self.waiting.popleft())

    async def _change(self, message: MutableMapping[str, Any]) -> None:
        """Do what a message of text asks for, in the order of such messages."""
        with contextlib.suppress(WebSocketDisconnect, TimeoutError):
            await self._changed(message)

    async def _changed(self, message: MutableMapping[str, Any]) -> None:
        async with self.in_order:
            try:
                asked = _parsed(message, LiveChange)
                if changes := await self._do(lambda: self._named(asked)):
                    await self._do(lambda: self.engine.set(**changes))
                    await self._tell({"latency_ms": self.engine.latency_ms})
            except VoiceVAEError as error:
                await self._tell({"error": str(error)})
                return
            if asked.end:
                self.has_ended = True
                self.news.set()

    async def _compute(self, reading: asyncio.Task[None]) -> None:
        """Answer block after block, until the client ends or leaves."""
        while True:
            while self.waiting:
                await self._answer(self.waiting.popleft())
            if self.has_ended:
                break
            if reading.done():
                reading.result()  # raises what ended it
            self.news.clear()
            await self.news.wait()
        rest = await self._do(self.engine.flush)
        await self.socket.send_bytes(pcm.encoded(rest, self.kind))
        await self.socket.close(NORMAL)

    async def _answer(self, block: np.ndarray) -> None:
        try:
            made = await self._do(lambda: pcm.encoded(self.engine.feed(block), self.kind))
        except VoiceVAEError as error:
            await self._tell({"error": str(error)})
            return
        await asyncio.wait_for(self.socket.send_bytes(made), SEND_S)
        if self.dropped - self.told >= self.rate or (self.dropped > self.told and not self.waiting):
            self.told = self.dropped
            await self._tell({"dropped_ms": round(1000 * self.dropped / self.rate)})

    def _named(self, asked: LiveChange) -> dict[str, Any]:
        """What was asked for, as the engine takes it. In a thread: a voice may have to be read."""
        changes = asked.changes()
        if "voice" in asked.model_fields_set:
            changes["voice"] = None if asked.voice is None else self.voice(asked.voice)
        return changes

    async def _do(self, function: Callable[[], Any]) -> Any:
        """What `function` returns, which runs in a thread; what nobody foresaw goes to the log."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, function)
        except VoiceVAEError:
            raise
        except Exception:
            traceback.print_exc()
            raise VoiceVAEError(problems.UNEXPECTED) from None

    async def _tell(self, said: dict[str, Any]) -> None:
        await asyncio.wait_for(self.socket.send_text(json.dumps(said)), SEND_S)


def _parsed(message: MutableMapping[str, Any], form: type[Form]) -> Form:
    """A message of text as a form. Raises VoiceVAEError, in a sentence."""
    text = message.get("text")
    if text is None:
        raise VoiceVAEError(f"The first message must be text, such as {{}}; {WHERE} says what it may hold.")
    if len(text) > LARGEST_JSON:
        raise VoiceVAEError(f"A message of text has {len(text)} characters; send at most {LARGEST_JSON}.")
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] in ("json_invalid", "model_type"):
            raise VoiceVAEError(f"A message is no JSON object; {WHERE} says what it may hold.") from None
        raise VoiceVAEError(problems.field_sentence(first, WHERE)) from None
