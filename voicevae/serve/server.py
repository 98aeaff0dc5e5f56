"""Serves the application until it is told to end."""

import os
import signal
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import python_multipart  # noqa: F401, FastAPI asks for it late, and in other words
import uvicorn
import websockets  # noqa: F401, so does uvicorn

from voicevae import threads, voice
from voicevae.errors import VoiceVAEError
from voicevae.serve import app, token
from voicevae.serve.conversion import Converter
from voicevae.serve.settings import Settings
from voicevae.serve.work import Work

GOODBYE_S = 10  # that requests have to end
CONNECTIONS = 256
LARGEST_BLOCK = 1 << 20  # bytes of a message of a WebSocket


def run(settings: Settings) -> None:
    """Serve, and say where, until Ctrl-C or SIGTERM; nothing that was given to it stays behind.

    Raises:
        VoiceVAEError: the bundle, the voices or the port cannot be had, or it would be open to everybody.
    """
    token.check(settings.host, settings.token)
    threads.use(max((os.cpu_count() or 1) // settings.concurrency, 1))
    vv = voice.load(settings.bundle)
    with (
        tempfile.TemporaryDirectory(prefix="voicevae-") as folder,
        Work(settings.concurrency) as work,
        ThreadPoolExecutor(os.cpu_count() or 1, "live") as live,
    ):
        converter = Converter(vv, settings, Path(folder))
        with _listening(settings) as listening:
            server = uvicorn.Server(_config(app.build(converter, work, live)))
            for name in (signal.SIGINT, signal.SIGTERM):
                signal.signal(name, lambda *_: None)  # uvicorn raises it again, after all is closed
            print(f"The server is at {_address(listening)}; Ctrl-C ends it.", flush=True)
            server.run([listening])


def _config(application: app.FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        ws="websockets-sansio",
        ws_max_size=LARGEST_BLOCK,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GOODBYE_S,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def _listening(settings: Settings) -> socket.socket:
    """A socket that listens already, so that whoever reads the address may connect."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=CONNECTIONS)
    except (OSError, UnicodeError):
        raise VoiceVAEError(
            f"Port {settings.port} of {settings.host} cannot be had; choose another --port or --host."
        ) from None


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
