"""Syllables are found where they are, and set to tones as the rule says."""

import numpy as np
import pytest

from voicevae.errors import EditError
from voicevae.features import FeatureConfig, extract
from voicevae.verbs import setting, syllables
from voicevae.verbs.notes import parse
from voicevae.verbs.setting import Tone, assign
from voicevae.verbs.syllables import Syllable

CONFIG = FeatureConfig()
RATE, FPS = CONFIG.sample_rate, CONFIG.frame_rate


def speech(spans: list[tuple[float, float]], seconds: float) -> np.ndarray:
    """Vowels, harmonics of 150 Hz under a formant, from and to these seconds, with a hiss of 60 ms before each."""
    time = np.arange(round(RATE * seconds)) / RATE
    vowel = sum(np.sin(2 * np.pi * 150 * k * time) / (1 + ((150 * k - 600) / 300) ** 2) for k in range(1, 30))
    hiss = np.random.default_rng(0).standard_normal(len(time))
    wave = 1e-4 * hiss
    for start, end in spans:
        gate = np.clip(np.minimum(time - start, end - time) / 0.02, 0, 1)
        wave += 0.1 * vowel * gate + 0.02 * hiss * ((time > start - 0.06) & (time < start))
    return wave.astype(np.float32)


def found(wave: np.ndarray) -> list[Syllable]:
    frames = extract(wave, CONFIG)
    return syllables.find(frames.mel, frames.contours, CONFIG)


def test_vowels_begin_and_end_where_they_were_made() -> None:
    spans = [(0.2, 0.4), (0.5, 0.7), (0.78, 1.0), (1.3, 1.5)]
    made = found(speech(spans, 1.8))
    assert len(made) == len(spans)
    for one, (start, end) in zip(made, spans, strict=True):
        assert one.vowel / FPS == pytest.approx(start, abs=0.03)
        assert one.coda / FPS == pytest.approx(end, abs=0.04)
        assert one.start / FPS == pytest.approx(start - 0.06, abs=0.04)
    edges = [edge for one in made for edge in (one.start, one.vowel, one.coda, one.end)]
    assert edges == sorted(edges)


def test_a_hiss_has_no_syllable() -> None:
    with pytest.raises(EditError, match="no voiced syllable"):
        found((0.05 * np.random.default_rng(0).standard_normal(RATE)).astype(np.float32))


THREE = [Syllable(0, 8, 24, 30), Syllable(30, 36, 52, 60), Syllable(76, 80, 100, 110)]


def sung_times(tones: list[Tone], given: list[Syllable] = THREE) -> list[float]:
    return [one.times[1] for one in assign(given, tones, FPS)]


def test_a_vowel_begins_with_its_tone() -> None:
    tones = setting.tones(parse("R:0.2 C4:0.5 D4:0.5 R:0.5 E4:1"))
    assert sung_times(tones) == pytest.approx([0.2, 0.7, 1.7])
    made = assign(THREE, tones, FPS)
    assert made[0].times[0] == pytest.approx(0.2 - 8 / FPS)  # consonants before the first are in the rest
    assert made[2].times[0] == pytest.approx(1.7 - 4 / FPS)
    assert made[1].times[3] == pytest.approx(1.2)  # and the syllable before a rest ends with its tone
    assert made[0].times[3] == made[1].times[0] == pytest.approx(0.7 - 6 / FPS)


def test_more_tones_than_syllables_and_more_syllables_than_tones_share_evenly() -> None:
    seven = setting.tones(parse(" ".join(["C4:0.4"] * 7)))
    assert sung_times(seven)[1:] == pytest.approx([3 * 0.4, 5 * 0.4])  # j * 3 // 7 = 0 0 0 1 1 2 2
    two = setting.tones(parse("C4:1 D4:1"))
    starts = sung_times(two)  # i * 2 // 3 = 0 0 1; lengths 30 and 30
    assert starts[1:] == pytest.approx([0.5, 1.0])


def test_time_never_goes_back_and_consonants_keep_their_length() -> None:
    tones = setting.tones(parse("C4:1 D4:1 E4:1"))
    made = assign(THREE, tones, FPS)
    times = np.arange(0, 3, 1 / FPS)
    frames = setting.time_map(made, times, FPS)
    assert (np.diff(frames) >= -1e-9).all()
    assert np.interp(1.0, times, frames) == pytest.approx(36, abs=0.1)
    consonants = (times > 1 - 12 / FPS + 1e-3) & (times < 1 - 1.1 / FPS)
    np.testing.assert_allclose(np.diff(frames[consonants]), 1, atol=1e-3)
    begins = (times > 1 + 1e-3) & (times < 1.05)
    np.testing.assert_allclose(np.diff(frames[begins]), 1, atol=1e-3)
    assert np.diff(frames[(times > 1.1) & (times < 1.6)]).max() < 0.3


def test_a_short_tone_leaves_half_of_itself_to_the_vowel() -> None:
    for one in assign(THREE, setting.tones(parse("C4:0.1 D4:0.1 E4:0.1")), FPS)[1:]:
        assert one.times[2] - one.times[1] >= 0.05 - 1e-9


def test_it_sounds_in_tones_and_not_in_rests() -> None:
    tones = setting.tones(parse("C4:0.5 R:0.5 D4:0.5"))
    made = assign(THREE[:2], tones, FPS)
    times = np.array([0.25, 0.6, 0.8, 0.98, 1.2])
    np.testing.assert_array_equal(setting.sounding(made, tones, times), [1, 0, 0, 1, 1])
