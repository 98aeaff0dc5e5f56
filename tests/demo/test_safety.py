"""The page under attack: routes, paths, sounds and names that are made to do harm, and visitors that are not alone."""

import os
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile as sf
from gradio_client import Client, handle_file

import voicevae
from tests.demo.conftest import MAX_SECONDS
from voicevae import audio, provenance
from voicevae.bundle import DEFAULT
from voicevae.calibration import Calibration
from voicevae.demo import limits
from voicevae.demo.convert import DEFAULTS

RATE = 16000
MALE = ["a sample voice", None, "male", None, None]
OPEN = {  # what strangers see of a page with a password: how it looks, and that it is there
    *("/", "/login", "/login/", "/logout", "/favicon.ico", "/theme.css", "/gradio_api/theme.css", "/robots.txt"),
    *("/manifest.json", "/openapi.json", "/gradio_api/app_id", "/gradio_api/app_id/", "/gradio_api/startup-events"),
    *("/gradio_api/user", "/gradio_api/user/", "/gradio_api/token", "/gradio_api/token/"),  # null, without a login
}
ENDLESS = ("/gradio_api/dev/reload", "/gradio_api/heartbeat/")


@pytest.fixture
def browser(page: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=page.local_url, timeout=30) as made:
        yield made


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


def test_what_the_page_makes_is_marked(client: Any, speech: Path) -> None:
    result, *_ = client.predict(handle_file(speech), *MALE, api_name="/convert")
    found = provenance.verify(result)
    assert found.watermarked and found.provenance is not None
    assert found.provenance.bundle == voicevae.load().checksum
    assert not provenance.verify(speech).carried


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


def test_a_large_request_that_uploads_nothing_is_refused(browser: httpx.Client) -> None:
    """As JSON of that size is held in memory while it waits in the queue."""
    small, large = ('{"data": ["' + "x" * length + '"]}' for length in (1000, round(limits.MAX_BODY_MB * 1e6)))
    headers = {"content-type": "application/json"}
    for route in ("/gradio_api/call/convert", "/gradio_api/queue/join", "/gradio_api/run/convert", "/login"):
        assert browser.post(route, content=large, headers=headers).status_code == 413
        assert browser.post(route, content=iter([small.encode()]), headers=headers).status_code == 413
        assert browser.post(route, content=small, headers=headers).status_code != 413


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


def test_the_zip_of_a_batch_holds_marked_sounds_and_leads_nowhere(client: Any, speech: Path, tmp_path: Path) -> None:
    names = ["..%2f..%2fout.wav", "take...2..wav", "same.wav", "same.flac", "x" * 200 + ".wav"]
    for name in names:
        audio.write(tmp_path / name, audio.read(speech, RATE), RATE)
    table, zipped, *_ = client.predict([handle_file(tmp_path / name) for name in names], *MALE, api_name="/batch")
    assert [state for _, state in table["data"]] == ["done"] * len(names)
    file = zipped if isinstance(zipped, str) else zipped["value"]
    with zipfile.ZipFile(file) as made:
        inside = made.namelist()
        made.extractall(tmp_path / "unpacked")
    assert len(set(inside)) == len(names) and all(Path(name).name == name for name in inside)
    for name in inside:
        found = provenance.verify(tmp_path / "unpacked" / name)
        assert found.watermarked and found.provenance is not None


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


def test_a_page_without_the_watermark_still_says_what_it_made(small_bundle: Path, speech: Path, tmp_path: Path) -> None:
    from voicevae.demo.settings import Settings
    from voicevae.demo.state import Studio

    wave = audio.read(speech, RATE)
    for marked in (True, False):
        studio = Studio(voicevae.load(small_bundle), Settings(watermark=marked), tmp_path)
        found = provenance.verify(studio.write("made", wave, "pitch_semitones=3"))
        assert found.watermarked == marked
        assert found.provenance is not None and found.provenance.edits == "pitch_semitones=3"


def test_the_code_to_copy_marks_where_the_page_does(
    small_bundle: Path, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voicevae.demo import convert, edit, targets
    from voicevae.demo.history import History
    from voicevae.demo.settings import Settings
    from voicevae.demo.state import Studio

    vv = voicevae.load(small_bundle)
    monkeypatch.setattr(voicevae, "load", lambda: vv)
    monkeypatch.chdir(speech.parent)
    heard = {}
    for marked in (True, False):
        studio = Studio(vv, Settings(watermark=marked), tmp_path)
        values = (3.0, *edit.plain(studio).edits[1:])
        edited, _, _, *told, _ = edit.speak(studio, str(speech), History(), *values)
        converted = convert.convert(
            studio, str(speech), targets.SAMPLE, None, "female", None, *convert.DEFAULTS.values()
        )
        for path, python, command in ((edited, *told), converted):
            exec(python, {})
            heard[command] = audio.read("out.wav", RATE)
            np.testing.assert_array_equal(heard[command], audio.read(path, RATE))
            assert ("--no-watermark" in command) != marked
    for command in [c for c in heard if "--no-watermark" in c]:
        assert not np.array_equal(heard[command], heard[command.removesuffix(" --no-watermark")])
