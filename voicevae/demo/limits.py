"""Limits that keep visitors' files small and short-lived, and the server from opening any other file."""

import contextlib
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from voicevae import uploads
from voicevae.errors import AudioError

SWEEP_S = 30.0
MAX_FOLDER_MB = 2000.0  # of all visitors together
MAX_BODY_MB = 8.0  # of a request that uploads nothing; the page's own hold a picture or two
Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def read(path: str | Path, sample_rate: int, max_seconds: float) -> np.ndarray:
    """A recording of a visitor, float32 `[n]`.

    Raises:
        AudioError: it is longer than `max_seconds`, no sound, or gone; the sentence names the file without its folder.
    """
    path = Path(path)
    if not path.exists():
        raise AudioError(f"{path.name} was deleted, as all files are after a while; give it again.")
    os.utime(path)  # marks it as in use
    return uploads.read(path, path.name, sample_rate, max_seconds)


class Sweeper(threading.Thread):
    """Deletes files in `folder` unused for `keep_s` seconds, except those there at its start.

    Of the rest, the newest stay while all together have at most `max_mb`: uploads cannot fill the disk.
    """

    def __init__(self, folder: Path, keep_s: float, max_mb: float = MAX_FOLDER_MB) -> None:
        super().__init__(daemon=True)
        self.folder, self.keep_s, self.max_bytes = folder, keep_s, max_mb * 1e6
        self.kept = set(files(folder))
        self.stopped = threading.Event()

    def run(self) -> None:
        """Sweep until `stopped` is set."""
        while not self.stopped.wait(min(SWEEP_S, self.keep_s)):
            self.sweep()

    def sweep(self) -> None:
        """Delete files that are too old, or the oldest where they take too much room; then old empty folders."""
        oldest, room = time.time() - self.keep_s, self.max_bytes
        for path, stat in sorted(_found(files(self.folder)), key=lambda one: -one[1].st_mtime):
            room -= stat.st_size
            if path not in self.kept and (stat.st_mtime < oldest or room < 0):
                path.unlink(missing_ok=True)
        for path, stat in _found(sorted(self.folder.rglob("*/"), reverse=True)):  # what is within comes first
            if path.is_dir() and stat.st_mtime < oldest:
                with contextlib.suppress(OSError):  # it is not empty
                    path.rmdir()


def _found(paths: Iterable[Path]) -> list[tuple[Path, os.stat_result]]:
    """Those that are there still, and what is known of them."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            found.append((path, path.lstat()))
    return found


def files(folder: Path) -> list[Path]:
    """All files and links below `folder`; no link is followed."""
    return [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]


class NoLinks:
    """Answers 403 where gradio would follow a symbolic link, or fetch an address of the web for a visitor."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and refused(scope.get("path", "")):
            await _answer(send, 403, b"Not allowed.")
            return
        await self.app(scope, receive, send)


class SmallBodies:
    """Answers 413 to a large request that uploads nothing, for gradio would hold it in memory, many times over."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and too_large(scope.get("path", ""), dict(scope["headers"])):
            await _answer(send, 413, b"Too large.")
            return
        await self.app(scope, receive, send)


def too_large(path: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request that is no upload is large, or does not give its size."""
    if path.endswith("/upload"):
        return False  # goes to a file, and gradio counts
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" in headers or not length.isdigit() or int(length) > MAX_BODY_MB * 1e6


async def _answer(send: Any, status: int, words: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": words})


def refused(path: str) -> bool:
    """Whether a request's path asks for a file elsewhere, on the web or behind a symbolic link, or for none (NUL)."""
    if "/proxy=" in path or "\0" in path:
        return True
    _, asked, file = path.partition("/file=")
    return bool(asked) and ("://" in file or Path(file).resolve() != Path(os.path.abspath(file)))


def local(component: gr.components.Component) -> Any:
    """The same component of files, refusing URLs, which gradio would fetch."""
    move = component.async_move_resource_to_block_cache

    async def only_files(path: Any) -> str | None:
        if str(path).lower().startswith(("http:", "https:")):
            raise gr.Error("The page takes files and no web addresses; upload the file.", title="Not possible")
        return await move(path)

    setattr(component, "async_move_resource_to_block_cache", only_files)  # noqa: B010, mypy takes it for a mistake
    return component
