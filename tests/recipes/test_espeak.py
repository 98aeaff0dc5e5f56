"""Speech from espeak-ng: repeatable, and its settings do what they say."""

import builtins
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import espeakng_loader
import numpy as np
import pytest
import soxr

from voicevae.features import FeatureConfig, extract
from voicevae.recipes.espeak import SpeakError, speak, speak_words, voices

ROOT = Path(__file__).resolve().parents[2]
CONFIG = FeatureConfig()
TEXT = "The birch canoe slid on the smooth planks."


def voiced_semitones(**settings: Any) -> np.ndarray:
    """F0 of the voiced frames, in semitones above 1 Hz."""
    wave, rate = speak(TEXT, **settings)
    frames = extract(soxr.resample(wave, rate, CONFIG.sample_rate), CONFIG)
    return frames.log_f0[frames.voiced] * 12 / np.log(2)


def test_a_sentence_is_sound_within_full_scale() -> None:
    wave, rate = speak(TEXT)
    assert wave.dtype == np.float32 and wave.ndim == 1
    assert 1.5 < len(wave) / rate < 4
    assert 0.1 < np.abs(wave).max() <= 1


@pytest.mark.parametrize("voice", ["en", "en+f3", "en+klatt2", "en+whisper", "de"])
def test_same_arguments_same_samples_whatever_came_before(voice: str) -> None:
    first = speak(TEXT, voice)[0]
    speak("Something else, with another voice.", "en+m7", pitch=80, rate_wpm=220)
    assert np.array_equal(speak(TEXT, voice)[0], first)


def test_another_process_says_the_same() -> None:
    program = (
        f"import sys; from voicevae.recipes.espeak import speak; sys.stdout.buffer.write(speak({TEXT!r})[0].tobytes())"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True).stdout
    assert np.array_equal(np.frombuffer(said, np.float32), speak(TEXT)[0])


def test_words_are_those_of_the_text_one_after_another() -> None:
    wave, rate, words = speak_words(TEXT)
    np.testing.assert_array_equal(wave, speak(TEXT)[0])
    assert [word for word, _, _ in words] == TEXT.split()
    assert words[0][1] == 0 and words[-1][2] == len(wave) / rate
    assert all(one[1] < one[2] == two[1] for one, two in zip(words[:-1], words[1:], strict=True))


def test_a_word_is_where_it_sounds() -> None:
    """What comes before a word lasts about as long when it is all that is said."""
    words = speak_words("Seven seals, eleven owls.")[2]
    wave, rate = speak("Seven seals,")
    last = np.flatnonzero(np.abs(wave) > 0.02)[-1] / rate
    assert words[2][0] == "eleven" and last < words[2][1] < last + 0.5


@pytest.mark.parametrize("voice", ["en+m3", "en+f1"])
def test_pitch_setting_raises_f0(voice: str) -> None:
    low, middle, high = (np.median(voiced_semitones(voice=voice, pitch=pitch)) for pitch in (20, 50, 80))
    assert middle - low > 3 and high - middle > 3


def test_pitch_range_setting_widens_f0() -> None:
    monotone, usual, wide = (voiced_semitones(voice="en+m3", pitch_range=r).std() for r in (0, 50, 100))
    assert monotone < 0.5 < usual < wide


def test_rate_setting_shortens() -> None:
    slow, fast = (len(speak(TEXT, rate_wpm=rate)[0]) for rate in (120, 240))
    assert 0.4 < fast / slow < 0.7


def test_every_voice_that_is_listed_speaks_and_no_two_alike() -> None:
    listed = voices("en")
    assert {"en", "en+m1", "en+f1", "en+klatt"} <= set(listed) and len(listed) > 50
    some = listed[::8]
    assert len({speak("Hello.", voice)[0].tobytes() for voice in some}) == len(some)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"voice": "en+nobody"}, "en+nobody"),
        ({"voice": "xx"}, "'xx'"),
        ({"text": "  "}, "text"),
        ({"text": "..."}, "'...'"),
        ({"pitch": 100}, "pitch is 100"),
        ({"pitch_range": -1}, "pitch_range is -1"),
        ({"rate_wpm": 20}, "rate_wpm is 20"),
    ],
)
def test_what_cannot_be_said_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(SpeakError, match=re.escape(named)):
        speak(**{"text": TEXT, **wrong})


def test_data_may_lie_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("deep" * 40) / "espeak-ng-data"
    shutil.copytree(espeakng_loader.get_data_path(), deep)
    expected = speak(TEXT)[0]
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(deep))
    assert np.array_equal(speak(TEXT)[0], expected)


def test_without_the_library_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "espeakng_loader":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SpeakError, match="pip install espeakng-loader"):
        speak(TEXT)
