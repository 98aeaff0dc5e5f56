"""The watermark of a live stream: found as well, heard as little, and no later."""

import numpy as np
import pytest

from voicevae import audio, watermark
from voicevae.bundle import examples
from voicevae.live_watermark import LiveMarker

RATES = [8000, 16000, 44100, 48000]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["female", "male"])
def test_it_is_found_as_that_of_files(rate: int, name: str) -> None:
    wave = audio.read(examples()[name], rate)
    made = LiveMarker(rate).feed(wave)
    assert watermark.score(made, rate) > 0.8 * watermark.score(watermark.embed(wave, rate), rate) > watermark.THRESHOLD
    assert not watermark.detect(wave, rate)


@pytest.mark.parametrize("rate", RATES)
def test_the_cuts_between_blocks_change_nothing(rate: int) -> None:
    wave = np.random.default_rng(0).standard_normal(rate // 3).astype(np.float32)
    whole = LiveMarker(rate).feed(wave)
    for size in (1000, 4799):
        marker = LiveMarker(rate)
        made = np.concatenate([marker.feed(wave[start : start + size]) for start in range(0, len(wave), size)])
        assert made == pytest.approx(whole, abs=1e-6)
    assert len(whole) == len(wave) and len(LiveMarker(rate).feed(wave[:0])) == 0


def test_it_comes_at_once_and_gains_are_small() -> None:
    """Of a pulse, nearly all comes within some milliseconds; of a tone, the level moves by 1.5 dB at most."""
    pulse = np.zeros(2000, np.float32)
    pulse[0] = 1
    energy = np.square(LiveMarker(16000).feed(pulse))
    assert energy[:160].sum() > 0.9 * energy.sum() and int(energy.argmax()) == 0
    tone = np.sin(2 * np.pi * 1007 * np.arange(5 * 16000) / 16000).astype(np.float32)
    frames = LiveMarker(16000).feed(tone)[16000:].reshape(-1, 400)
    level_db = 20 * np.log10(frames.std(1) / tone.std())
    assert np.abs(level_db).max() < 1.1 * watermark.DEPTH_DB and np.ptp(level_db) > watermark.DEPTH_DB
