"""Of any number of channels a voice is as loud as in the one that has it, and a stream decides once."""

import io

import numpy as np
import pytest
import soundfile as sf

from voicevae import audio
from voicevae.bundle import DEFAULT
from voicevae.downmix import StreamDownmix

RATE = 16000


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return audio.read(DEFAULT / "voices" / "male.flac", RATE)[: 3 * RATE]


def level_db(wave: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.square(wave - wave.mean(), dtype=np.float64)))


NOISE = 0.02 * np.random.default_rng(0).standard_normal((3 * RATE, 2)).astype(np.float32)
HUM = 0.3 * np.sin(2 * np.pi * 50 * np.arange(3 * RATE) / RATE).astype(np.float32)
LAYOUTS = {
    "opposite": [1, -1],
    "widened": [1, -0.944],
    "one silent": [0, 1],
    "one faint": [1, 0.05],
    "centre": [0, 0, 1, 0, 0, 0],
    "surround": [1, -1, 1, -1],
    "alike": [1, 1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_no_layout_loses_the_voice(speech: np.ndarray, layout: str, offset: float) -> None:
    channels = speech[:, None] * np.array(LAYOUTS[layout], np.float32) + np.float32(offset)
    file = io.BytesIO()
    sf.write(file, channels, RATE, "FLOAT", format="WAV")
    stream = StreamDownmix(RATE)
    streamed = [stream.feed(channels[start : start + 777]) for start in range(0, len(channels), 777)]
    made = [
        audio.from_array(channels, RATE, RATE),
        audio.from_array(np.ascontiguousarray(channels.T), RATE, RATE),
        audio.read(file, RATE),
        np.concatenate([*streamed, stream.flush()]),
    ]
    for wave in made:
        assert len(wave) == len(speech)
        assert level_db(wave) == pytest.approx(level_db(speech), abs=1)


@pytest.mark.parametrize("shared", [NOISE, HUM[:, None], NOISE + HUM[:, None]])
def test_what_channels_share_does_not_hide_the_voice(speech: np.ndarray, shared: np.ndarray) -> None:
    opposite = speech[:, None] * np.array([1, -1], np.float32)
    wave = audio.from_array(opposite + shared, RATE, RATE)
    assert abs(np.corrcoef(np.diff(wave), np.diff(speech))[0, 1]) > 0.6


def test_channels_without_relation_are_added_to_the_level_of_one() -> None:
    np.testing.assert_allclose(
        audio.from_array(NOISE, RATE, RATE), NOISE.sum(1) / np.sqrt(2), atol=2e-2 * float(np.abs(NOISE).max())
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("late", [1, 3, 10, 80])
def test_a_channel_that_is_late_takes_little_away(speech: np.ndarray, late: int, sign: int) -> None:
    """Of up to 5 ms, as of two microphones, of which one may be wrongly wired."""
    channels = np.stack([speech, sign * np.roll(speech, late)], 1)
    assert level_db(audio.from_array(channels, RATE, RATE)) == pytest.approx(level_db(speech), abs=1.5)


@pytest.mark.parametrize("noise_db", [-40, -30, -20])
def test_noise_in_the_other_channel_takes_nothing_away(speech: np.ndarray, noise_db: float) -> None:
    noise = NOISE[:, 0] / NOISE.std() * 10 ** ((level_db(speech) + noise_db) / 20)
    made = audio.from_array(np.stack([noise, speech], 1).astype(np.float32), RATE, RATE)
    assert level_db(made) == pytest.approx(level_db(speech), abs=1)


@pytest.mark.parametrize("size", [1, 50, 1000, 10**6])
def test_a_stream_is_mixed_alike_in_any_chunks(speech: np.ndarray, size: int) -> None:
    still = np.zeros((2000, 2), np.float32)
    channels = np.concatenate([still, speech[:RATE, None] * np.array([1, -0.944], np.float32)])
    stream = StreamDownmix(RATE)
    made = [stream.feed(channels[start : start + size]) for start in range(0, len(channels), size)]
    wave = np.concatenate([*made, stream.flush()])
    assert len(wave) == len(channels)
    scale = wave[2000:] @ speech[:RATE] / (speech[:RATE] @ speech[:RATE])
    np.testing.assert_allclose(wave[2000:], scale * speech[:RATE], atol=2e-4)
    assert abs(scale) == pytest.approx(1, abs=0.1)


def test_sound_waits_for_a_decision_no_longer_than_promised() -> None:
    stream, taken, given = StreamDownmix(RATE), 0, 0
    for start in range(0, len(NOISE), 1600):
        taken += len(block := NOISE[start : start + 1600])
        given += len(stream.feed(block))
        assert taken - given <= 3 * RATE
    assert given == taken


def test_a_stream_whose_channels_change_goes_on(speech: np.ndarray) -> None:
    stream = StreamDownmix(RATE)
    blocks = [speech[:5000, None], np.stack([speech[5000:9000]] * 2, 1), speech[9000:9100, None]]
    wave = np.concatenate([*map(stream.feed, blocks), stream.flush()])
    np.testing.assert_allclose(wave, speech[:9100], atol=1e-5)
