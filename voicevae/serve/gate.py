"""What is checked before a request is read: where it is from, how many there were, and its token."""

import json
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from voicevae.serve import token as tokens
from voicevae.serve.rate import Rate
from voicevae.serve.settings import Settings

OPEN = ("/health", "/docs", "/openapi.json")
Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]
Headers = Mapping[bytes, bytes]


class Gate:
    """Answers 403 to pages of other sites, 429 to an address that asks too often, and 401 without the token."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app, self.token = app, settings.token
        self.rate = Rate(settings.per_minute)
        self.local = settings.token is None  # then nobody else may reach it, not by a name that points here either

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        refusal = self._refusal(scope, headers)
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await refuse(scope, send, *refusal)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str, dict[str, str]] | None:
        """Status, sentence and headers of the answer, or None."""
        if is_foreign(headers, self.local):
            return 403, "Pages of other sites may not use this server; call it from a program.", {}
        if scope["path"] in OPEN:
            return None
        wait_s = self.rate.wait_s((scope.get("client") or ("",))[0])
        if wait_s:
            later = str(math.ceil(wait_s))
            return 429, f"There were too many requests; wait {later} s before the next one.", {"retry-after": later}
        if self.token is not None and not tokens.matches(self.token, headers.get(b"authorization")):
            sentence = "The token is missing or wrong; send it in the header Authorization, as Bearer <token>."
            return 401, sentence, {"www-authenticate": "Bearer"}
        return None


def is_foreign(headers: Headers, local: bool) -> bool:
    """Whether a browser sent it for a page of another site: its Origin is not the Host that was asked, or, where only
    this machine may ask (`local`), the Host is a name that somebody made point here."""
    try:
        host = urlsplit(f"//{headers.get(b'host', b'').decode('latin-1')}")
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin.decode("latin-1")).netloc != host.netloc:
            return True
        return local and host.hostname is not None and not tokens.is_loopback(host.hostname)
    except ValueError:  # no address at all
        return True


async def refuse(scope: Scope, send: Any, status: int, sentence: str, headers: dict[str, str]) -> None:
    """Answer a request, or the handshake of a WebSocket, with a sentence as JSON."""
    kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
    listed: Iterable[tuple[str, str]] = {"content-type": "application/json", **headers}.items()
    coded = [(name.encode(), value.encode()) for name, value in listed]
    await send({"type": f"{kind}.start", "status": status, "headers": coded})
    await send({"type": f"{kind}.body", "body": json.dumps({"error": sentence}).encode()})
