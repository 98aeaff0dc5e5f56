"""Live: the browser's microphone in another voice, or with edits, while it is spoken into.

The sound goes over a socket of the page's own server (`voicevae.serve.live`), in blocks of 20 ms.
"""

import html
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from fastapi import WebSocket

from voicevae.code import Speaker
from voicevae.demo.state import Studio
from voicevae.edits import CONTROLS, Edit
from voicevae.errors import EditError
from voicevae.serve.live import Engine, Marked, Session

PATH = "/voicevae/live"
SCRIPT = Path(__file__).with_suffix(".js")
REFUSED = 1008  # RFC 6455, section 7.4
OWN = "your own"
ADVICE = "Use headphones: a loudspeaker is heard by the microphone again."


def build(studio: Studio) -> None:
    """Lay out the tab Live."""
    voices = "".join(f"<option>{html.escape(name)}</option>" for name in studio.samples)
    sliders = "".join(_slider(name) for name in CONTROLS if name != "rate")
    page = (
        f'<div class="live"><p><button class="lg primary">Start</button> <span role="status">{ADVICE}</span></p>'
        f'<label>Voice <select><option value="">{OWN}</option>{voices}</select></label>{sliders}</div>'
    )
    gr.HTML(page, js_on_load=SCRIPT.read_text(encoding="utf-8"), elem_id="live")


def connect(page: gr.Blocks, studio: Studio) -> None:
    """Let the page's server take live sockets: as many at a time as clicks are worked on."""
    app, limit, n_open = page.app, studio.settings.concurrency, 0
    pool = ThreadPoolExecutor(limit)

    def start(rate: int, **asked: Any) -> Engine:
        engine = studio.vv.live(rate, **asked)
        return Marked(engine, rate) if studio.settings.watermark else engine

    def voice(name: str) -> Speaker:
        if name not in studio.samples:
            raise EditError(f"There is no voice {name!r}; known are {', '.join(studio.samples)}.")
        return studio.speaker(name)

    async def live(socket: WebSocket) -> None:
        nonlocal n_open
        if not _welcome(socket, app):
            await socket.close(REFUSED)
            return
        await socket.accept()
        if n_open >= limit:
            await socket.send_json({"error": f"{n_open} people speak live, as many as may; try again later."})
            await socket.close(REFUSED)
            return
        n_open += 1
        try:
            await Session(socket, start, voice, pool).run()
        finally:
            n_open -= 1

    app.add_api_websocket_route(PATH, live)


def _slider(name: str) -> str:
    """One edit, as HTML."""
    one = CONTROLS[name]
    low, high, step = one.slider
    value = f"{getattr(Edit(), name):g}"
    return (
        f'<label>{html.escape(one.label)} <input type="range" name="{name}" min="{low:g}" max="{high:g}" '
        f'step="{step:g}" value="{value}"><output>{value}</output></label>'
    )


def _welcome(socket: WebSocket, app: Any) -> bool:
    """Whether it comes from the page itself, of somebody who may use it: browsers let any site open sockets."""
    origin = socket.headers.get("origin")
    if origin is None or urlsplit(origin).netloc != socket.headers.get("host"):
        return False
    names = f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"
    return app.auth is None or any(socket.cookies.get(name) in app.tokens for name in names)
