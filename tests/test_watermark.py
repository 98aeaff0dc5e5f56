"""The mark is found after what happens to sounds, is not found where it is not, and is small."""

import io
import math

import numpy as np
import pytest
import soundfile as sf
import soxr

from voicevae import watermark
from voicevae.errors import AudioError
from voicevae.recipes.espeak import speak

RATE = 16000


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """About 4 s."""
    wave, rate = speak("The birch canoe slid on the smooth planks, and rice is often served in round bowls.")
    return soxr.resample(wave, rate, RATE)


@pytest.fixture(scope="module")
def marked(speech: np.ndarray) -> np.ndarray:
    return watermark.embed(speech, RATE)


def through_mp3(wave: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    sf.write(file, wave, RATE, format="MP3", bitrate_mode="CONSTANT", compression_level=0.2)
    assert len(file.getvalue()) / len(wave) * RATE * 8 == pytest.approx(128_000, rel=0.05)
    file.seek(0)
    return sf.read(file, dtype="float32")[0]


def through(wave: np.ndarray, rate: int) -> np.ndarray:
    return soxr.resample(soxr.resample(wave, RATE, rate), rate, RATE)


ATTACKS = {
    "none": lambda wave: wave,
    "mp3": through_mp3,
    "8 kHz": lambda wave: through(wave, 8000),
    "22.05 kHz": lambda wave: through(wave, 22050),
    "44.1 kHz": lambda wave: through(wave, 44100),
    "-6 dB in 16 bits": lambda wave: np.round(wave * 16384) / 32768,
    "upside down": lambda wave: -wave,
    "cut": lambda wave: wave[10_007 : 10_007 + 2 * RATE],
    "pause before": lambda wave: np.concatenate([np.zeros(12_345, np.float32), wave]),
    "tilted": lambda wave: np.append(wave[0], wave[1:] - 0.9 * wave[:-1]),
}


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_the_mark_is_found_after_an_attack_and_not_without_it(
    attack: str, speech: np.ndarray, marked: np.ndarray
) -> None:
    assert watermark.detect(ATTACKS[attack](marked), RATE)
    assert not watermark.detect(ATTACKS[attack](speech), RATE)


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 44100])
def test_sounds_of_any_rate_are_marked(rate: int, speech: np.ndarray) -> None:
    wave = soxr.resample(speech, RATE, rate)
    assert not watermark.detect(wave, rate)
    assert watermark.detect(watermark.embed(wave, rate), rate)


def test_it_is_the_same_however_the_wave_is_cut_into_blocks(speech: np.ndarray, marked: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    for count in (1, 7, 300):
        blocks = np.split(speech, np.sort(rng.integers(0, len(speech), count)))
        made = np.concatenate(list(watermark.embed_blocks(blocks, RATE)))
        np.testing.assert_allclose(made, marked, atol=1e-6)
    assert len(marked) == len(speech) and marked.dtype == np.float32


@pytest.mark.parametrize("n_samples", [0, 1, 511, 512, 513, 1024, 5000])
def test_length_is_kept_and_silence_stays_silent(n_samples: int) -> None:
    np.testing.assert_array_equal(watermark.embed(np.zeros(n_samples), RATE), np.zeros(n_samples, np.float32))
    assert watermark.score(np.zeros(max(n_samples, 1)), RATE) == 0


def test_it_is_a_linear_filter_and_knows_no_level(speech: np.ndarray, marked: np.ndarray) -> None:
    np.testing.assert_allclose(watermark.embed(0.01 * speech, RATE), 0.01 * marked, atol=1e-7)


def test_a_tone_rises_or_falls_by_the_depth_in_the_middle_of_a_chip() -> None:
    """A tone in the middle of a band, heard over the hop in the middle of the chip, which only its gain reaches."""
    band = 20
    frequency = watermark.LOW_HZ + (band + 0.5) * watermark.BAND_HZ - RATE / watermark.WINDOW / 2
    time = np.arange(5 * RATE) / RATE
    made = watermark.embed(0.1 * np.sin(2 * np.pi * frequency * time), RATE)
    levels = []
    for chip in range(1, watermark.N_CHIPS):
        start = round((chip + 0.5) * watermark.CHIP_S * RATE) - 256
        here = slice(start, start + 512)
        levels.append(
            20 * math.log10(2 * abs(np.mean(made[here] * np.exp(-2j * np.pi * frequency * time[here]))) / 0.1)
        )
    np.testing.assert_allclose(np.abs(levels), watermark.DEPTH_DB, atol=0.15)
    assert min(levels) < 0 < max(levels)


def test_false_alarms_obey_hoeffding_for_any_sound(speech: np.ndarray, marked: np.ndarray) -> None:
    """Over random keys, one offset's score exceeds t with probability exp(-t^2 / 2) at most, so the best of all does
    with `offsets` times that, whatever the sound: speech, speech marked with another key, a tone, noise."""
    rng = np.random.default_rng(0)
    offsets, limit, trials = watermark.FRAMES * watermark.N_CHIPS, 4.2, 60
    time = np.arange(3 * RATE) / RATE
    sounds = [speech, marked, np.sin(2 * np.pi * 1000 * time), rng.normal(0, 0.1, 3 * RATE)]
    for sound in sounds:
        folded = watermark._fold(np.asarray(sound, np.float32))
        keys = rng.choice([-1.0, 1.0], (trials, watermark.N_CHIPS, watermark.N_BANDS))
        above = np.mean([watermark._best(folded, key) > limit for key in keys])
        assert above <= offsets * math.exp(-(limit**2) / 2)
    assert offsets * math.exp(-(watermark.THRESHOLD**2) / 2) == pytest.approx(watermark.FALSE_ALARMS)


def test_a_longer_sound_scores_higher(marked: np.ndarray) -> None:
    """As the square root of its length, once a period is full: the same chips again, but other speech."""
    noise = np.random.default_rng(1).normal(0, 0.1, 20 * RATE)
    made = watermark.embed(noise, RATE)
    short, long = (np.mean([watermark.score(made[s * RATE :][: n * RATE], RATE) for s in (0, 5, 10)]) for n in (2, 8))
    assert long / short == pytest.approx(2, rel=0.25)


@pytest.mark.parametrize("wave", [np.zeros((100, 2)), np.zeros(()), np.zeros((2, 3, 4))])
def test_only_mono_is_marked(wave: np.ndarray) -> None:
    for use in (watermark.embed, watermark.detect):
        with pytest.raises(AudioError, match=r"shape \[.*\] can have no watermark; give mono, \[n\]\.$"):
            use(wave, RATE)


@pytest.mark.parametrize("wave", [np.zeros(0), np.array([0.0, np.nan]), np.array([np.inf] * 2000)])
def test_what_is_no_sound_is_not_searched(wave: np.ndarray) -> None:
    with pytest.raises(AudioError, match="cannot be searched"):
        watermark.detect(wave, RATE)


def test_recordings_carry_no_mark(recordings) -> None:  # type: ignore[no-untyped-def]
    for path in sorted(recordings.rglob("*.flac"))[::400]:
        wave, rate = sf.read(path, dtype="float32")
        assert not watermark.detect(wave, rate)
