"""The page under attack: routes, paths, sounds and names that are made to do harm."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile as sf
from gradio_client import handle_file

import voicevae
from tests.demo.conftest import MALE, RATE
from voicevae import audio
from voicevae.bundle import DEFAULT
from voicevae.calibration import Calibration
from voicevae.demo import limits
from voicevae.demo.convert import DEFAULTS


@pytest.fixture
def browser(page: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=page.local_url, timeout=30) as made:
        yield made


@pytest.mark.parametrize(
    "route", ["/gradio_api/file=", "/gradio_api/file/", "/file=", "/file/", "/static/", "/assets/"]
)
def test_no_route_serves_a_file_from_elsewhere(route: str, browser: httpx.Client, tmp_path: Path) -> None:
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    (tmp_path / "secret.txt").write_text("a secret")
    links = [folder / "a link.wav", folder / "a folder"]
    links[0].symlink_to(tmp_path / "secret.txt")
    links[1].symlink_to(tmp_path)
    paths = [
        *(
            "/etc/passwd",
            "../../../../../../etc/passwd",
            "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "..%2f..%2f..%2fetc%2fpasswd",
        ),
        *(
            "%252e%252e%252fetc%252fpasswd",
            "//etc/passwd",
            "/proc/self/environ",
            "file:///etc/passwd",
            "%00",
            "/etc%00",
        ),
        *("http://127.0.0.1:1/", "C:%5Cwindows", "~/.bashrc", "setup.cfg", f"{folder}", f"{folder}/../../etc/passwd"),
        *(f"{links[0]}", f"{links[1]}/secret.txt", f"{tmp_path}/secret.txt", f"{folder}/%2e%2e/%2e%2e/etc/passwd"),
        *(f"{DEFAULT}/config.json", f"{DEFAULT}/vae.safetensors", str(Path(limits.__file__))),
    ]
    try:
        for path in paths:
            answer = browser.get(route + path)
            assert 400 <= answer.status_code < 500, path
            assert not any(word in answer.text for word in ("a secret", "root:", "PATH=", "sample_rate"))
    finally:
        for link in links:
            link.unlink()


@pytest.mark.parametrize("path", ["/etc/passwd", f"{DEFAULT}/config.json", "setup.cfg", "LINK"])
def test_a_posted_path_is_not_opened(path: str, browser: httpx.Client, tmp_path: Path, speech: Path) -> None:
    """As a program posts it, past the client, and beside an address of its own choice."""
    link = Path(os.environ["GRADIO_TEMP_DIR"]) / "posted.wav"
    link.symlink_to(speech)
    file = {
        "path": str(link) if path == "LINK" else path,
        "url": "http://127.0.0.1:1/",
        "meta": {"_type": "gradio.FileData"},
    }
    try:
        posted = browser.post("/gradio_api/call/convert", json={"data": [file, *MALE, *DEFAULTS.values()]}).json()
        answer = browser.get(f"/gradio_api/call/convert/{posted['event_id']}").text
    finally:
        link.unlink()
    assert answer.startswith("event: error") and ".wav" not in answer


def unknown_length(path: Path) -> None:
    """Ten minutes of silence in 32 kB, whose header does not say how long it is."""
    with sf.SoundFile(path, "w", RATE, 1, format="FLAC") as file:
        for _ in range(10):
            file.write(np.zeros(60 * RATE, np.float32))
    data = bytearray(path.read_bytes())
    data[21:26] = (int.from_bytes(data[21:26], "big") & ~0xFFFFFFFFF).to_bytes(5, "big")
    path.write_bytes(data)


def not_a_number(path: Path) -> None:
    sf.write(path, np.where(np.arange(RATE) == 100, np.nan, 0.1 * np.sin(np.arange(RATE) * 0.05)), RATE, "FLOAT")


SOUNDS = {
    "endless.flac": (unknown_length, "of unknown length"),
    "nan.wav": (not_a_number, "NaN or infinite"),
    "crowd.wav": (lambda path: sf.write(path, np.zeros((900, 1000)), RATE), "silence"),
    "loud.wav": (lambda path: sf.write(path, 1e30 * np.sin(np.arange(RATE) * 0.05), RATE, "FLOAT"), "peak of"),
    "fast.wav": (lambda path: sf.write(path, 0.1 * np.sin(np.arange(RATE) * 0.05), 2**31 - 1), "sample rate of"),
    "slow.wav": (lambda path: sf.write(path, 0.1 * np.sin(np.arange(RATE) * 0.05), 1), "sample rate of"),
    "words.wav": (lambda path: path.write_text("no sound"), "is not audio"),
}


@pytest.mark.parametrize("name", list(SOUNDS))
def test_a_sound_made_to_do_harm_gets_a_sentence(name: str, client: Any, tmp_path: Path) -> None:
    make, said = SOUNDS[name]
    make(tmp_path / name)
    started = time.process_time()
    result, *_, message = client.predict(handle_file(tmp_path / name), *MALE, api_name="/convert")
    assert time.process_time() - started < 2
    assert result is None
    assert message["value"].startswith(name) and said in message["value"] and "/" not in message["value"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "..%2f..%2fescape.wav",
            "a\"b'c`d$(e);f|g&h.wav",
            "<img src=x onerror=alert(1)>.wav",
            "-o.wav",
            "日本 é🎙.wav",
        ),
        *(" .wav", "line\nbreak.wav", "CON.wav", "x" * 240 + ".wav", ".wav"),
    ],
)
def test_any_name_is_taken_and_stays_in_its_folder(name: str, client: Any, tmp_path: Path, speech: Path) -> None:
    (tmp_path / name).write_bytes(speech.read_bytes())
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    before = set(folder.parent.iterdir())
    *answer, message = client.predict(handle_file(tmp_path / name), *MALE, api_name="/convert")
    assert not message["value"], message["value"]
    assert audio.read(answer[0], RATE).size == audio.read(speech, RATE).size
    assert {path for path in folder.parent.iterdir() if "escape" in path.name} <= before


def test_a_large_request_that_uploads_nothing_is_refused(browser: httpx.Client) -> None:
    """As JSON of that size is held in memory while it waits in the queue."""
    small, large = ('{"data": ["' + "x" * length + '"]}' for length in (1000, round(limits.MAX_BODY_MB * 1e6)))
    headers = {"content-type": "application/json"}
    for route in ("/gradio_api/call/convert", "/gradio_api/queue/join", "/gradio_api/run/convert", "/login"):
        assert browser.post(route, content=large, headers=headers).status_code == 413
        assert browser.post(route, content=iter([small.encode()]), headers=headers).status_code == 413
        assert browser.post(route, content=small, headers=headers).status_code != 413


@pytest.mark.parametrize("measured", [{}, {"traverse.z_s": np.ones(64)}])
def test_a_bundle_that_lacks_a_calibration_has_a_page(
    measured: dict[str, np.ndarray], small_bundle: Path, tmp_path: Path
) -> None:
    from voicevae.demo import page as pages
    from voicevae.demo.settings import Settings
    from voicevae.demo.state import Studio

    vv = voicevae.load(small_bundle)
    vv.bundle.calibration = Calibration(measured)
    config = pages.build(Studio(vv, Settings(), tmp_path)).get_config_file()
    said = [str(part["props"].get("value")) for part in config["components"]]
    assert "Convert" in said and "Convert all" in said
    assert any("no calibration of voices" in words for words in said) == bool(measured)
