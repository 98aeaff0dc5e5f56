from collections.abc import Callable

import numpy as np
import pytest

from benchmarks import sounds
from benchmarks.peers import Peer
from voicevae.evaluation.metrics import pitch
from voicevae.features import FeatureConfig

CONFIG = FeatureConfig()
RATE = CONFIG.sample_rate


@pytest.fixture(scope="module")
def made(vowel: Callable[..., np.ndarray]) -> dict[str, np.ndarray]:
    return sounds.make(vowel(140.0), vowel(210.0, 1.0), CONFIG)


def test_a_parrot_survives_everything(parrot: Peer, made: dict[str, np.ndarray]) -> None:
    for sound in made.values():
        assert np.isfinite(sound).all() and np.abs(sound).max() <= 1
        found = sounds.survive(parrot, sound, CONFIG)
        assert found.survived and found.level_db == pytest.approx(0) and found.burst_db <= 1e-6


@pytest.mark.parametrize(
    "damage",
    [
        lambda wave: 2 * wave,
        lambda wave: 0.5 * wave,
        lambda wave: np.where(np.arange(len(wave)) == len(wave) // 2, np.nan, wave),
        lambda wave: wave + (np.abs(np.arange(len(wave)) - len(wave) // 2) < 100),
    ],
    ids=["louder", "softer", "nan", "burst"],
)
def test_damage_is_seen(damage: Callable[[np.ndarray], np.ndarray], made: dict[str, np.ndarray]) -> None:
    peer = Peer(lambda wave: wave, lambda wave, semitones: damage(wave))
    assert not sounds.survive(peer, made["speech around digital silence"], CONFIG).survived


def test_hum_in_silence_is_seen(made: dict[str, np.ndarray]) -> None:
    peer = Peer(lambda wave: wave, lambda wave, semitones: wave + 0.01)
    assert not sounds.survive(peer, made["digital silence"], CONFIG).survived


def test_damage_at_a_shift_counts_as_much(made: dict[str, np.ndarray]) -> None:
    peer = Peer(lambda wave: wave, lambda wave, semitones: wave * 10 ** (-semitones / 20))
    assert sounds.survive(peer, made["white noise"], CONFIG).level_db == pytest.approx(-4, abs=0.01)


def test_levels_and_bursts_in_decibels() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    assert sounds.level_db(noise, 2 * noise) == pytest.approx(6.02, abs=0.01)
    burst = noise.copy()
    burst[6400:6720] = 1.0  # one frame of 20 ms, 20 dB over noise of 0.1
    assert sounds.burst_db(noise, burst, RATE) == pytest.approx(20, abs=1)


def test_a_whisper_has_no_voice_and_its_own_loudness(
    made: dict[str, np.ndarray], vowel: Callable[..., np.ndarray]
) -> None:
    whisper = made["whisper"]
    assert pitch.measure(vowel(), CONFIG).voiced.mean() > 0.5
    assert pitch.measure(whisper, CONFIG).voiced.mean() < 0.1
    assert sounds.level_db(vowel(), whisper) == pytest.approx(0, abs=3)


def test_laughter_comes_in_five_bursts_a_second(made: dict[str, np.ndarray]) -> None:
    bursts = made["laughter"].reshape(-1, RATE // 5)
    power = np.mean(bursts**2, 1)
    assert power[1:] / power[:-1] == pytest.approx(0.85**2, rel=1e-3)
    assert np.mean(bursts[:, : RATE // 20] ** 2) > 20 * np.mean(bursts[:, RATE // 10 :] ** 2)


def test_the_silence_within_speech_is_digital(made: dict[str, np.ndarray]) -> None:
    third = len(made["speech around digital silence"]) // 3
    assert not made["speech around digital silence"][third : 2 * third].any()
    assert not made["digital silence"].any()
