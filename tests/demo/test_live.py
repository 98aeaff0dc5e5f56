"""The tab Live in a real browser whose microphone plays a file; and who may open its socket."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from tests.demo.test_browser import CHROMIUM, WIDE, Visit, playwright

RATE, HZ = 48000, 150  # of the tone
HEARD = """() => {
  window.peak = 0;
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) {
      const meter = this.context.createAnalyser();
      meter.fftSize = 8192;
      const wave = new Float32Array(meter.fftSize);
      connect.call(this, meter);
      setInterval(() => {
        meter.getFloatTimeDomainData(wave);
        window.heard = {wave: Array.from(wave), rate: this.context.sampleRate};
        window.peak = Math.max(window.peak, ...wave.map(Math.abs));
      }, 20);
    }
    return connect.call(this, to, ...more);
  };
}"""


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser into whose microphone a tone with harmonics is played."""
    time = np.arange(3 * RATE) / RATE
    tone = 0.05 * sum(np.sin(2 * np.pi * HZ * k * time + 0.3 * np.sin(5 * time)) for k in range(1, 11))
    path = tmp_path_factory.mktemp("microphone") / "tone.wav"
    sf.write(path, tone, RATE, subtype="PCM_16")
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += [f"--use-file-for-fake-audio-capture={path}", "--autoplay-policy=no-user-gesture-required"]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
        yield browser
        browser.close()


def wait_for_hz(tab: Any, hz: float) -> None:
    """Until what is heard has this pitch, within half a semitone."""
    for _ in range(100):
        heard = tab.evaluate("window.heard")
        wave, rate = np.array(heard["wave"]), heard["rate"]
        correlation = np.correlate(wave, wave, "full")[len(wave) - 1 :]
        lags = slice(round(rate / 300), round(rate / 100))
        found = rate / (lags.start + int(np.argmax(correlation[lags])))
        if np.abs(wave).max() > 0.01 and abs(12 * np.log2(found / hz)) < 0.5:
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"{found:.0f} Hz are heard, not {hz:.0f}")


@pytest.mark.slow
def test_what_is_spoken_is_heard_and_changed_on_the_way(speaking: Any, page: Any, tmp_path: Path) -> None:
    visit = Visit(speaking, page.local_url, WIDE, "light")
    visit.tab.evaluate(HEARD)
    visit.open("Live")
    visit.tab.click("#live button")
    visit.tab.wait_for_selector("#live [role=status]:has-text('ms behind you')")
    visit.tab.wait_for_function("window.peak > 0.01")
    wait_for_hz(visit.tab, HZ)
    visit.tab.locator("#live input[name=pitch_semitones]").fill("4")
    wait_for_hz(visit.tab, HZ * 2 ** (4 / 12))
    visit.tab.select_option("#live select", "male")
    visit.tab.wait_for_timeout(1000)
    assert "ms behind you" in visit.tab.inner_text("#live [role=status]")
    visit.tab.click("#live button")
    assert visit.tab.inner_text("#live [role=status]") == "Stopped."
    assert visit.wrong == []
    visit.close()


@pytest.mark.parametrize("origin", ["http://elsewhere.example", None])
def test_other_sites_open_no_socket(page: Any, origin: str | None) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    address = page.local_url.replace("http", "ws") + "voicevae/live"
    with pytest.raises(InvalidStatus), connect(address, origin=origin):  # type: ignore[arg-type]
        pass


def test_the_page_itself_does(page: Any) -> None:
    from websockets.sync.client import connect

    own = page.local_url.rstrip("/")
    address = page.local_url.replace("http", "ws") + "voicevae/live"
    with connect(address, origin=own) as socket:  # type: ignore[arg-type]
        socket.send(json.dumps({"sample_rate": 16000, "format": "float32", "pitch_semitones": 2}))
        assert json.loads(socket.recv())["latency_ms"] < 80
        socket.send(np.zeros(1600, "<f4").tobytes())
        assert len(np.frombuffer(socket.recv(), "<f4")) == 1600
