"""A live stream: its samples are those of any blocks, come in time, and survive bad blocks."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from tests.live.conftest import RATE, run
from voicevae import VoiceVAE
from voicevae.errors import AudioError, EditError
from voicevae.features import extract
from voicevae.live import trackers
from voicevae.live.stream import Live

Make = Callable[..., Live]


@pytest.mark.parametrize("rate", [16000, 44100])
def test_the_samples_do_not_depend_on_the_blocks(live: Make, speech: np.ndarray, rate: int) -> None:
    wave = np.interp(np.arange(0, len(speech), RATE / rate), np.arange(len(speech)), speech).astype(np.float32)[:30000]
    whole = run(live(rate, pitch_semitones=3), wave, 4800)
    for size in (160, 320, 997):
        assert np.array_equal(run(live(rate, pitch_semitones=3), wave, size), whole)


def test_single_samples_are_blocks_too(live: Make, speech: np.ndarray) -> None:
    assert np.array_equal(run(live(), speech[:3000], 1), run(live(), speech[:3000], 3000))


def test_conversion_does_not_depend_on_the_blocks(live: Make, vv: VoiceVAE, speech: np.ndarray) -> None:
    voice = vv.sample(1, source="prior")
    assert np.array_equal(run(live(voice=voice), speech, 160), run(live(voice=voice), speech, 4800))


@pytest.mark.parametrize(("rate", "out_rate"), [(16000, 16000), (48000, 16000), (8000, 44100), (44100, 48000)])
def test_every_block_gives_as_many_seconds(live: Make, rate: int, out_rate: int) -> None:
    stream, given = live(rate, out_rate=out_rate), 0
    for i in range(1, 60):
        given += len(stream.feed(np.zeros(331, np.float32)))
        assert given == 331 * i * out_rate // rate


@pytest.mark.parametrize(("rate", "latency"), [(16000, "low"), (48000, "low"), (16000, "best")])
def test_sound_comes_after_the_latency(live: Make, vv: VoiceVAE, rate: int, latency: str) -> None:
    """A burst of noise in silence: half of its energy is out when its middle comes out."""
    wave = np.zeros(rate, np.float32)
    burst = slice(rate // 2, rate // 2 + rate // 10)
    wave[burst] = np.random.default_rng(0).normal(0, 0.1, rate // 10)
    stream = live(rate, tracker=trackers.tracker(latency, vv.config))
    made = run(stream, wave)
    energy = np.cumsum(np.square(made, dtype=np.float64))
    middle = int(np.searchsorted(energy, energy[-1] / 2)) / rate
    assert middle == pytest.approx(0.55 + stream.latency_ms / 1000, abs=0.005)


def test_nothing_of_the_future_is_heard(live: Make, speech: np.ndarray) -> None:
    """Speech that breaks off changes nothing that came before its last sample."""
    half = len(speech) // 2
    broken = np.concatenate([speech[:half], np.zeros(half, np.float32)])
    whole, other = run(live(), speech), run(live(), broken)
    assert np.array_equal(whole[:half], other[:half])
    assert not np.allclose(whole[half : half + 1600], other[half : half + 1600])


def test_latency_is_at_most_80_ms(live: Make) -> None:
    assert live().latency_ms <= 80
    assert live(48000).latency_ms <= 80


def test_the_best_latency_is_a_quarter_of_a_second(vv: VoiceVAE) -> None:
    assert 200 < vv.live(latency="best").latency_ms <= 250
    with pytest.raises(EditError, match="latency is 'late'; choose low or best"):
        vv.live(latency="late")


def test_with_the_best_latency_the_samples_do_not_depend_on_the_blocks(vv: VoiceVAE, speech: np.ndarray) -> None:
    made = [run(vv.live(latency="best", pitch_semitones=3), speech[:16000], size) for size in (160, 16000)]
    assert np.array_equal(*made)


def test_pitch_is_raised_by_what_was_asked_for(live: Make, vv: VoiceVAE, speech: np.ndarray) -> None:
    stream = live(pitch_semitones=4)
    late = round(stream.latency_ms * RATE / 1000)
    own, made = (extract(wave, vv.config) for wave in (speech, run(stream, speech)[late : late + len(speech)]))
    voiced = own.voiced & made.voiced
    voiced[:30] = voiced[-10:] = False
    cents = 1200 / np.log(2) * (made.log_f0 - own.log_f0)[voiced] - 400
    assert np.median(np.abs(cents)) < 10


def test_energy_is_a_gain(live: Make, speech: np.ndarray) -> None:
    plain, loud = run(live(), speech), run(live(energy_db=6), speech)
    np.testing.assert_allclose(loud[8000:20000], plain[8000:20000] * 10 ** (6 / 20), atol=1e-3)


def test_a_change_makes_no_click(live: Make, speech: np.ndarray) -> None:
    stream, made = live(), []
    for i, start in enumerate(range(0, len(speech), 320)):
        made.append(stream.feed(speech[start : start + 320]))
        if i == 40:
            stream.set(pitch_semitones=5, energy_db=-3)
    wave, still = np.concatenate(made), run(live(pitch_semitones=5), speech)
    assert np.abs(np.diff(wave, 2)).max() < 1.5 * np.abs(np.diff(still, 2)).max()


def test_what_is_not_named_stays(live: Make) -> None:
    stream = live(pitch_semitones=2)
    stream.set(energy_db=3)
    assert stream.setting.edit.pitch_semitones == 2 and stream.setting.edit.energy_db == 3


@pytest.mark.parametrize(
    "block",
    [
        np.array([0.0, np.nan], np.float32),
        np.zeros((100, 2), np.float32),
        np.zeros(100, np.complex64),
        np.zeros((2, 2, 2)),
        np.full(100, 1e6, np.float32),
        "sound",
    ],
)
def test_a_bad_block_is_refused_and_the_stream_goes_on(live: Make, speech: np.ndarray, block: object) -> None:
    stream = live()
    first = stream.feed(speech[:4000])
    with pytest.raises(AudioError):
        stream.feed(block)
    rest = stream.feed(speech[4000:8000])
    assert np.array_equal(np.concatenate([first, rest]), live().feed(speech[:8000]))


def test_whole_numbers_are_sound_too(live: Make, speech: np.ndarray) -> None:
    whole = np.round(speech * 32767).astype(np.int16)
    assert np.array_equal(live().feed(whole), live().feed((whole / 32768).astype(np.float32)))


@pytest.mark.parametrize("bad", [{"rate": 0.5}, {"pitch_semitones": 99}, {"residual": 2}, {"unknown": 1}])
def test_bad_settings_are_refused_and_change_nothing(live: Make, bad: dict[str, float]) -> None:
    stream = live(pitch_semitones=1)
    with pytest.raises(EditError):
        stream.set(**bad)
    assert stream.setting.edit.pitch_semitones == 1


def test_memory_does_not_grow(live: Make, speech: np.ndarray) -> None:
    stream = live()
    stream.feed(speech)
    sizes = len(stream._waiting) + len(stream._ready), len(stream.analysis.sound)
    for _ in range(5):
        stream.feed(speech)
    assert (len(stream._waiting) + len(stream._ready), len(stream.analysis.sound)) == sizes


def test_a_gate_makes_silence_of_what_is_soft(live: Make, speech: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(0, 1e-3, RATE).astype(np.float32)
    assert np.abs(run(live(gate_db=-40.0), noise)[RATE // 2 :]).max() == 0
    assert np.abs(run(live(), noise)[RATE // 2 :]).max() > 0


def test_one_thread_feeds_while_another_sets(live: Make, speech: np.ndarray) -> None:
    stream = live()
    setter = threading.Thread(target=lambda: [stream.set(pitch_semitones=float(i % 5)) for i in range(50)])
    setter.start()
    made = run(stream, speech)
    setter.join()
    assert np.isfinite(made).all()
