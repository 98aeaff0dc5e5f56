"""Visitors of one page: none gets the results of another, and a stranger sees only the login."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file

import voicevae
from tests.demo.conftest import MALE, MAX_SECONDS, RATE
from voicevae import audio

OPEN = {  # what strangers see of a page with a password: how it looks, and that it is there
    *("/", "/login", "/login/", "/logout", "/favicon.ico", "/theme.css", "/gradio_api/theme.css", "/robots.txt"),
    *("/manifest.json", "/openapi.json", "/gradio_api/app_id", "/gradio_api/app_id/", "/gradio_api/startup-events"),
    *("/gradio_api/user", "/gradio_api/user/", "/gradio_api/token", "/gradio_api/token/"),  # null, without a login
}


ENDLESS = ("/gradio_api/dev/reload", "/gradio_api/heartbeat/")


def routes(app: Any) -> Iterator[tuple[str, str]]:
    """(method, path) of all that the server answers, with "x" where a path leaves a gap."""
    for route in app.routes:
        if hasattr(route, "original_router"):
            for method, path in routes(route.original_router):
                yield method, route.include_context.prefix + path
        else:
            parts = [part if "{" not in part else part.partition("{")[0] + "x" for part in route.path.split("/")]
            for method in getattr(route, "methods", None) or []:
                yield method, "/".join(parts)


@pytest.fixture(scope="module")
def guarded_page() -> Iterator[tuple[Any, Path]]:
    """A page with a password, which forgets files after a second; and its folder."""
    from voicevae.demo import page as pages
    from voicevae.demo.settings import Settings

    limited = {"max_seconds": MAX_SECONDS, "keep_s": 1.0, "concurrency": 1}
    with pytest.MonkeyPatch.context() as own:
        own.setenv("GRADIO_TEMP_DIR", "replaced by the page")
        own.setenv("GRADIO_EXAMPLES_CACHE", "replaced by the page")
        served = pages.serve(Settings(port=0, auth=("me", "secret"), **limited))
        folder = Path(os.environ["GRADIO_TEMP_DIR"])
    yield served, folder
    served.close()


@pytest.fixture
def guarded(guarded_page: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Path]:
    """gradio asks the environment at each upload, and another page is served by the same process."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(guarded_page[1]))
    return guarded_page


def test_visitors_do_not_get_each_others_results(page: Any, tmp_path: Path) -> None:
    """Four at once, each with another tone: each gets its own pitch and length."""
    lengths = [0.5, 0.7, 0.9, 1.1]
    for i, seconds in enumerate(lengths):
        time_s = np.arange(round(seconds * RATE)) / RATE
        wave = sum(np.sin(2 * np.pi * (110 + 40 * i) * k * time_s) / k for k in range(1, 10))
        audio.write(tmp_path / f"{i}.wav", 0.1 * wave * (1 + np.sin(20 * time_s)), RATE)

    def visit(i: int) -> list[int]:
        visitor = Client(page.local_url, verbose=False, download_files=tmp_path / f"visitor{i}")
        paths = [visitor.predict(handle_file(tmp_path / f"{i}.wav"), *MALE, api_name="/convert")[0] for _ in range(2)]
        return [audio.read(path, RATE).size for path in paths]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(visit, range(4)))
    assert found == [[round(seconds * RATE)] * 2 for seconds in lengths]


def test_visitors_do_not_undo_each_others_edits(page: Any, speech: Path, tmp_path: Path) -> None:
    """The same speech, the same page, in turn; index 5 of what undo gives is the slider of pitch."""
    one, other = (Client(page.local_url, verbose=False, download_files=tmp_path / name) for name in ("one", "other"))
    styled = ["as it is", 1.0] if voicevae.load().styles else []

    def edit(visitor: Client, semitones: float) -> None:
        values = [semitones, 1.0, 1.0, 0.0, 0.0, *styled]
        *_, message = visitor.predict(handle_file(speech), *values, api_name="/edit")
        assert not message["value"]

    edit(one, 2.0)
    edit(other, -3.0)
    edit(one, 5.0)
    assert other.predict(handle_file(speech), api_name="/undo")[5] == 0.0
    assert one.predict(handle_file(speech), api_name="/undo")[5] in (
        0.0,
        2.0,
    )  # two moves of one slider may be one step


def test_a_stranger_sees_the_door_alone(guarded: tuple[Any, Path]) -> None:
    page, _ = guarded
    asked = [(method, path) for method, path in routes(page.app) if not path.startswith(ENDLESS)]
    assert len(asked) > 50
    with httpx.Client(base_url=page.local_url, timeout=30) as stranger:
        for method, path in asked:
            answer = stranger.request(method, path, **({"json": {}} if method == "POST" else {}))
            assert path in OPEN or answer.status_code >= 400, f"{method} {path} says {answer.status_code}"
            assert "pitch_semitones" not in answer.text, f"{method} {path} tells what the page can do"
        assert stranger.get("/gradio_api/user").json() is None
        assert stranger.post("/gradio_api/upload", files={"files": ("a.wav", b"x")}).status_code == 401
        assert stranger.post("/login", data={"username": "me", "password": "wrong"}).status_code == 400
        assert stranger.post("/login", data={"username": "me", "password": "secret"}).status_code == 200
        assert "pitch_semitones" in stranger.get("/config").text


def test_what_was_uploaded_is_deleted(guarded: tuple[Any, Path], speech: Path) -> None:
    page, folder = guarded
    with httpx.Client(base_url=page.local_url, timeout=30) as visitor:
        visitor.post("/login", data={"username": "me", "password": "secret"})
        answer = visitor.post("/gradio_api/upload", files={"files": ("mine.wav", speech.read_bytes())})
    (path,) = map(Path, answer.json())
    assert path.is_relative_to(folder)
    deadline = time.monotonic() + 20
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not path.exists()
