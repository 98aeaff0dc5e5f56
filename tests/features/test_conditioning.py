"""An offset and the gain of a microphone change no feature: only the level says what the level was."""

import numpy as np
import pytest

from voicevae import audio
from voicevae.bundle import DEFAULT
from voicevae.features import FeatureConfig, extract
from voicevae.features.conditioning import BLOCK, OFFSET_S, gain, offset, remove_offset

CONFIG = FeatureConfig()
RATE = CONFIG.sample_rate


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """A shipped sample voice at -20 dB of full scale."""
    wave = audio.read(DEFAULT / "voices" / "female.flac", RATE)[: 4 * RATE]
    return (0.1 * wave / np.sqrt(np.mean(wave**2))).astype(np.float32)


@pytest.mark.parametrize("db", [-100, -60, -45, -10, 20])
def test_level_is_a_matter_of_loudness_alone(speech: np.ndarray, db: float) -> None:
    one, other = extract(speech, CONFIG), extract(speech * np.float32(10 ** (db / 20)), CONFIG)
    np.testing.assert_allclose(other.mel, one.mel, atol=0.01)
    np.testing.assert_allclose(other.log_f0, one.log_f0, atol=1e-4)
    np.testing.assert_allclose(other.voicing, one.voicing, atol=0.01)
    np.testing.assert_allclose(other.loudness_db, one.loudness_db + db, atol=0.01)


@pytest.mark.parametrize("constant", [0.05, -0.3, 1.0])
def test_a_constant_changes_nothing(speech: np.ndarray, constant: float) -> None:
    quiet = speech * np.float32(0.1)
    one, other = extract(quiet, CONFIG), extract(quiet + np.float32(constant), CONFIG)
    loud = one.loudness_db > one.loudness_db.max() - 40
    np.testing.assert_allclose(other.loudness_db[loud], one.loudness_db[loud], atol=0.05)
    assert np.abs(other.mel - one.mel)[loud].mean() < 0.05
    assert np.mean(one.voiced != other.voiced) < 0.01


def test_a_drift_is_no_sound(speech: np.ndarray) -> None:
    drift = 0.2 * np.sin(2 * np.pi * 1.0 * np.arange(len(speech)) / RATE).astype(np.float32)
    one, other = extract(speech, CONFIG), extract(speech + drift, CONFIG)
    inside = slice(40, -40)
    assert np.abs(other.loudness_db - one.loudness_db)[inside].max() < 1.0


def test_ordinary_speech_is_left_as_it_is(speech: np.ndarray) -> None:
    assert np.sqrt(np.mean(offset(speech, RATE) ** 2)) < 0.02 * np.sqrt(np.mean(speech**2))


@pytest.mark.parametrize("hz", [25.0, 47.0, 200.0])
def test_what_can_be_heard_is_no_offset(hz: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(2 * RATE) / RATE).astype(np.float32)
    inside = slice(round(OFFSET_S * RATE), -round(OFFSET_S * RATE))
    assert np.abs(offset(tone, RATE)[inside]).max() < 1e-3


@pytest.mark.parametrize("n", [1, 2, 100, 4001, 140000])
def test_a_constant_is_all_offset(n: int) -> None:
    np.testing.assert_allclose(offset(np.full(n, 0.25, np.float32), RATE), 0.25, atol=1e-6)


@pytest.mark.parametrize("constant", [0.0, 0.3])
def test_digital_silence_beside_speech_is_nothing_but_offset(speech: np.ndarray, constant: float) -> None:
    """Whether the converter's constant goes on in it, or was there in the speech alone."""
    still = np.zeros(RATE, np.float32)
    for level in (0.0, constant):
        padded = np.concatenate([still + np.float32(level), speech + np.float32(constant), still + np.float32(level)])
        rest = padded - offset(padded, RATE)
        assert not rest[:RATE].any() and not rest[-RATE:].any()
        assert np.abs(rest[RATE:-RATE] - (speech - offset(speech, RATE))).max() < 0.02


@pytest.mark.parametrize("constant", [0.0, 0.5])
def test_a_click_in_digital_silence_stays(constant: float) -> None:
    wave = np.full(2 * RATE, constant, np.float32)
    wave[RATE] += 0.25
    assert (wave - offset(wave, RATE))[RATE] == pytest.approx(0.25, abs=1e-3)


def test_blocks_of_the_filter_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, 30000).astype(np.float32)
    whole = offset(wave, RATE)
    monkeypatch.setattr("voicevae.features.conditioning.BLOCK", 7000)
    np.testing.assert_allclose(offset(wave, RATE), whole, atol=1e-7)


def test_silence_between_does_not_count_for_the_gain(speech: np.ndarray) -> None:
    still = np.zeros(40 * len(speech), np.float32)
    assert gain(np.concatenate([speech, still]), 200, -20.0) == pytest.approx(gain(speech, 200, -20.0), rel=0.15)


@pytest.mark.parametrize("wave", [np.zeros(1000), np.full(1000, 1e-9), np.zeros(3)])
def test_digital_silence_is_not_raised(wave: np.ndarray) -> None:
    assert gain(wave.astype(np.float32), 200, -20.0) == 1.0


@pytest.mark.parametrize("n", [1, 300, BLOCK, 2 * BLOCK + 40, 2 * BLOCK + 7000])
def test_an_offset_is_removed_in_place(n: int) -> None:
    wave = np.random.default_rng(0).normal(0.2, 0.1, n).astype(np.float32)
    rest = wave - offset(wave, RATE)
    remove_offset(wave, RATE)
    np.testing.assert_array_equal(wave, rest)


def test_a_wave_is_used_up_only_where_that_is_asked_for(speech: np.ndarray) -> None:
    given, kept = speech.copy(), extract(speech, CONFIG)
    used = extract(given, CONFIG, overwrite=True)
    np.testing.assert_array_equal(used.array(), kept.array())
    assert len(given) < RATE < len(speech)
    np.testing.assert_array_equal(extract(speech, CONFIG).array(), kept.array())
