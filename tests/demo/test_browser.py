"""The page in a real browser: what a visitor clicks, hears, sees and is told.

VOICEVAE_SCREENSHOTS=out pytest tests/demo/test_browser.py    # keeps the pictures; demo.png is the README's
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.demo.conftest import MAX_MB

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no chromium; apt-get install chromium", allow_module_level=True)

PATIENCE_MS = 60_000
DRAWN = "name => (document.querySelector(`${name} canvas`)?.height ?? 0) > 100"
HEARD = """([name, before]) => {
  const player = document.getElementById(name), sound = player?.querySelector("a[download]")?.href;
  const long = player?.querySelector("#duration")?.textContent ?? "0:00";
  return sound && sound !== before && long !== "0:00" ? sound : null;
}"""
WIDE, NARROW = 1400, 420


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("VOICEVAE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Visit:
    """A browser's tab on the page, and what went wrong in it: its errors, and what it asked of other servers."""

    def __init__(self, chromium: Any, url: str, width: int, theme: str) -> None:
        self.tab = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
        self.tab.set_default_timeout(PATIENCE_MS)
        self.wrong: list[str] = []
        self.tab.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.tab.on("request", lambda asked: self._own(asked.url))
        self.tab.goto(f"{url}?__theme={theme}")
        self.tab.wait_for_selector("#convert")

    def _own(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:")):
            self.wrong.append(url)

    def open(self, name: str) -> None:
        self.tab.get_by_role("tab", name=name).click()

    def heard(self, name: str, before: str = "") -> str:
        """The address of a player's sound, once there is another one than `before`, and the player knows how long."""
        return self.tab.wait_for_function(HEARD, arg=[name, before]).json_value()

    def drawn(self, name: str) -> None:
        self.tab.wait_for_function(DRAWN, arg=name)

    def picture(self, path: Path) -> None:
        """Saved; nothing may stick out to the right."""
        self.tab.wait_for_timeout(400)
        self.tab.screenshot(path=path, full_page=True)
        assert self.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def close(self) -> None:
        self.tab.context.close()


@pytest.mark.slow
def test_convert_edit_and_a_wrong_file(chromium: Any, page: Any, speech: Path, pictures: Path) -> None:
    visit = Visit(chromium, page.local_url, WIDE, "light")
    tab = visit.tab
    tab.locator("#source button[aria-label=Clear]").click()
    tab.locator("#source input[type=file]").set_input_files(speech)
    tab.wait_for_selector("#source >> text=0:02")
    tab.click("#convert")
    assert visit.heard("converted")
    visit.drawn("#compared")
    tab.wait_for_selector("text=(the floor)")
    visit.picture(pictures / "convert-wide-light.png")

    visit.open("Edit")
    tab.click("#speak")
    visit.drawn("#contour")
    before = visit.heard("edited")
    tab.locator("#pitch_semitones input[type=range]").focus()
    tab.keyboard.press("PageUp")
    slid = visit.heard("edited", before)
    _drag_a_point(tab)
    assert visit.heard("edited", slid)
    visit.drawn("#contour")
    visit.picture(pictures / "edit-wide-light.png")
    _shrink(pictures / "edit-wide-light.png", pictures / "demo.png")
    assert visit.wrong == []
    visit.close()


@pytest.mark.slow
def test_a_wrong_file_is_told_in_the_page(chromium: Any, page: Any, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"This is no sound at all." * 100)
    visit = Visit(chromium, page.local_url, NARROW, "light")
    visit.open("Batch")
    visit.tab.locator("#files input[type=file]").set_input_files(tmp_path / "broken.wav")
    visit.tab.wait_for_selector("#files >> text=broken")
    visit.tab.click("#convert-all")
    visit.tab.wait_for_selector("#states >> text=is damaged or is not audio >> visible=true")
    visit.picture(pictures / "batch-narrow-light.png")
    visit.open("Convert")
    visit.tab.locator("#source button[aria-label=Clear]").click()
    visit.tab.click("#convert")
    visit.tab.wait_for_selector(".said >> text=There is no speech yet")
    assert "Error" not in visit.tab.inner_text("body")
    assert visit.wrong == []
    (tmp_path / "big.wav").write_bytes(bytes(round(MAX_MB * 2**20) + 1000))
    visit.tab.locator("#source input[type=file]").set_input_files(tmp_path / "big.wav")
    visit.tab.wait_for_selector("text=exceed the maximum allowed size")
    for place in ("#source span.error", ".toast-title"):  # its own words, "Error", are not to be seen
        visit.tab.wait_for_selector(place, state="attached")
        assert visit.tab.locator(place).first.evaluate("one => getComputedStyle(one).fontSize") == "0px"
    visit.close()


@pytest.mark.slow
def test_a_narrow_dark_window(chromium: Any, page: Any, pictures: Path) -> None:
    visit = Visit(chromium, page.local_url, NARROW, "dark")
    tab = visit.tab
    visit.open("Design")
    tab.click("#new-voice")
    tab.wait_for_selector("text=semitones about it")
    assert visit.heard("heard")
    visit.picture(pictures / "design-narrow-dark.png")
    tab.get_by_text("Find a voice by ear").click()
    tab.click("#begin-search")
    first = visit.heard("voice-A"), visit.heard("voice-B")
    tab.get_by_role("button", name="A is nearer").click()
    assert visit.heard("voice-A", first[0]) and visit.heard("voice-B", first[1])
    visit.open("Inspect")
    tab.click("#look")
    visit.drawn("#latents")
    visit.picture(pictures / "inspect-narrow-dark.png")
    assert visit.wrong == []
    visit.close()


def _drag_a_point(tab: Any) -> None:
    """The first point of F0, upwards, found by its colour."""
    x, y = tab.evaluate(
        """() => {
          const canvas = document.querySelector('#contour canvas'), box = canvas.getBoundingClientRect();
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const scale = canvas.width / box.width;
          const white = (x, y) => [0, 1, 2].every((c) => pixels.data[4 * (y * canvas.width + x) + c] === 255);
          for (let x = 40; x < canvas.width - 60; x++) for (let y = canvas.height - 40; y > 0; y--)
            if (white(x, y) && white(x + 4, y) && white(x + 2, y - 2)) return [x / scale + 4, y / scale];
        }"""
    )
    box = tab.locator("#contour canvas").bounding_box()
    tab.mouse.move(box["x"] + x, box["y"] + y)
    tab.mouse.down()
    tab.mouse.move(box["x"] + x, box["y"] + y - 15, steps=3)
    tab.mouse.up()


def _shrink(path: Path, small: Path) -> None:
    with Image.open(path) as image:
        half = image.convert("RGB").resize((image.width * 5 // 7, image.height * 5 // 7), Image.Resampling.LANCZOS)
    half.quantize(96, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(small, optimize=True)
    assert small.stat().st_size < 200_000
