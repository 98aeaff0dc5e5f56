"""What keeps the page safe: files that are too long, too big or elsewhere, and files that were forgotten."""

import os
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile as sf
from gradio_client import handle_file

from tests.demo.conftest import MALE, MAX_MB, MAX_SECONDS
from voicevae import audio
from voicevae.demo import limits
from voicevae.demo.settings import Settings, credentials
from voicevae.errors import AudioError, VoiceVAEError


def test_a_long_recording_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "an hour.flac"
    with sf.SoundFile(path, "w", 16000, 1) as file:
        for _ in range(60):
            file.write(np.zeros(60 * 16000, np.float32))
    start = time.process_time()
    with pytest.raises(AudioError, match=r"^an hour.flac is 3600 s; give at most 8 s\.$"):
        limits.read(path, 16000, MAX_SECONDS)
    assert time.process_time() - start < 0.5


def test_a_header_that_lies_about_its_length_gets_no_more_decoded(tmp_path: Path) -> None:
    """STREAMINFO says how many samples a FLAC file has, in 36 bits from the 22nd byte on."""
    path = tmp_path / "liar.flac"
    sf.write(path, 0.1 * np.sin(np.arange(20 * 16000) * 0.05), 16000)
    data = bytearray(path.read_bytes())
    assert int.from_bytes(data[21:26], "big") & 0xFFFFFFFFF == 20 * 16000
    data[21:26] = ((int.from_bytes(data[21:26], "big") & ~0xFFFFFFFFF) | 16000).to_bytes(5, "big")
    path.write_bytes(data)
    assert len(limits.read(path, 16000, MAX_SECONDS)) <= MAX_SECONDS * 16000


def test_a_forgotten_file_is_deleted_and_one_in_use_is_not(tmp_path: Path) -> None:
    example, used, old = (tmp_path / name for name in ("example.wav", "used.wav", "old.wav"))
    example.touch()
    sweeper = limits.Sweeper(tmp_path, keep_s=100)
    wave = 0.1 * np.sin(np.arange(16000) * 0.05)
    for path in (used, old):
        audio.write(path, wave, 16000)
    for path in (example, used, old):
        os.utime(path, (0, time.time() - 200))
    limits.read(used, 16000, MAX_SECONDS)
    sweeper.sweep()
    assert example.exists() and used.exists() and not old.exists()
    with pytest.raises(AudioError, match=r"^old.wav was deleted"):
        limits.read(old, 16000, MAX_SECONDS)


def test_credentials() -> None:
    assert credentials("me:a:b") == ("me", "a:b")
    for wrong in ("me", "me:", ":secret"):
        with pytest.raises(VoiceVAEError, match="user:password"):
            credentials(wrong)


def test_nobody_else_is_let_in_by_default() -> None:
    assert Settings().host == "127.0.0.1"


def test_a_long_upload_gets_a_sentence(client: Any, tmp_path: Path) -> None:
    sf.write(tmp_path / "long.ogg", np.zeros(round((MAX_SECONDS + 1) * 16000)), 16000)
    *_, message = client.predict(handle_file(tmp_path / "long.ogg"), *MALE, api_name="/convert")
    assert message["value"] == f"long.ogg is 9 s; give at most {MAX_SECONDS:g} s."


def test_a_big_upload_is_refused(client: Any, tmp_path: Path) -> None:
    (tmp_path / "big.wav").write_bytes(bytes(round(MAX_MB * 2**20) + 1000))
    with pytest.raises(Exception, match="413|exceeds the maximum"):
        client.predict(handle_file(tmp_path / "big.wav"), *MALE, api_name="/convert")


@pytest.mark.parametrize("path", ["/etc/passwd", "{folder}/../../etc/passwd", "http://example.com/a.wav"])
def test_a_path_that_was_typed_is_not_opened(page: Any, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    opened: list[str] = []
    monkeypatch.setattr(limits, "read", lambda path, *_: opened.append(str(path)))
    typed = {"path": path.format(folder=os.environ["GRADIO_TEMP_DIR"]), "meta": {"_type": "gradio.FileData"}}
    with httpx.Client(base_url=f"{page.local_url}gradio_api/call/", timeout=60) as browser:
        event = browser.post("convert", json={"data": [typed, *MALE]}).json()["event_id"]
        assert "event: error" in browser.get(f"convert/{event}").text
    assert opened == []


def test_nothing_outside_the_folder_is_served(page: Any, client: Any, speech: Path, tmp_path: Path) -> None:
    result, *_ = client.predict(handle_file(speech), *MALE, api_name="/convert")
    assert result
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    secret = tmp_path / "secret.txt"
    secret.write_text("nobody shall read this")
    link = folder / "link.txt"
    link.symlink_to(secret)
    linked = folder / "linked"
    linked.symlink_to(tmp_path)
    own = folder / "own.wav"
    own.write_bytes(speech.read_bytes())
    asked = {
        "a file of its own": (str(own), 200),
        "an absolute path": ("/etc/passwd", 403),
        "a file beside": (str(secret), 403),
        "out by dots": (f"{folder}/../../etc/passwd", 403),
        "out by coded dots": (f"{folder}/%2e%2e/%2e%2e/etc/passwd", 403),
        "a link": (str(link), 403),
        "a linked folder": (str(linked / "secret.txt"), 403),
        "the web": ("http://example.com/", 403),
        "the program": (str(Path(limits.__file__)), 403),
        "the folder itself": (str(folder), 403),
        "something proxied": ("", 403),
    }
    try:
        with httpx.Client(base_url=page.local_url) as browser:
            for what, (path, wanted) in asked.items():
                route = "/gradio_api/proxy=http://example.com" if not path else f"/gradio_api/file={path}"
                answer = browser.get(route)
                assert answer.status_code == wanted, f"{what}: {answer.status_code}"
                assert "nobody shall" not in answer.text
    finally:
        link.unlink()
        linked.unlink()


def test_many_uploads_do_not_fill_the_disk(tmp_path: Path) -> None:
    kept = tmp_path / "example.wav"
    kept.write_bytes(bytes(1000))
    sweeper = limits.Sweeper(tmp_path, keep_s=100, max_mb=0.0025)
    now = time.time()
    for age in range(6):
        (tmp_path / f"{age}").mkdir()
        (tmp_path / f"{age}" / "file.wav").write_bytes(bytes(1000))
        os.utime(tmp_path / f"{age}" / "file.wav", (now, now - age))
    os.utime(kept, (now, now - 50))
    sweeper.sweep()
    assert sorted(path.parent.name for path in limits.files(tmp_path)) == ["0", "1", tmp_path.name]
    assert kept.exists()


def test_empty_folders_go_with_their_files(tmp_path: Path) -> None:
    sweeper = limits.Sweeper(tmp_path, keep_s=100)
    (tmp_path / "old" / "within").mkdir(parents=True)
    (tmp_path / "new").mkdir()
    for path in (tmp_path / "old" / "within", tmp_path / "old"):
        os.utime(path, (0, 0))
    sweeper.sweep()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
