"""One object for a TTS engine: it gives what the API gives, from any thread, and says at once what is wrong."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicevae import Edit, VoiceVAE
from voicevae.errors import AudioError, EditError, VoiceVAEError
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN
from voicevae.tts import Modulator

RATE = 16000
WORDS = [("One", 0.1, 0.4), ("two,", 0.45, 0.8)]


@pytest.fixture(scope="module")
def short(speech: np.ndarray) -> np.ndarray:
    return speech[RATE // 2 : RATE * 3 // 2]


def test_numpy_in_numpy_out(vv: VoiceVAE, short: np.ndarray) -> None:
    wave, rate = Modulator(bundle=vv, pitch_semitones=2, rate=0.8)(short, RATE)
    assert rate == RATE and wave.dtype == np.float32
    np.testing.assert_array_equal(wave, vv.modulate(short, pitch_semitones=2, rate=0.8))


def test_another_voice_and_seed(vv: VoiceVAE, short: np.ndarray, tmp_path: Path) -> None:
    voice = vv.sample(3)
    vv.save_voice(voice, tmp_path / "warm.voice")
    made, _ = Modulator(bundle=vv, voice=tmp_path / "warm.voice", seed=5, energy_db=2)(short, RATE)
    np.testing.assert_allclose(made, vv.convert(short, voice=voice, seed=5, energy_db=2), atol=1e-5)


def test_a_folder_is_a_bundle(small_bundle: Path, vv: VoiceVAE, short: np.ndarray) -> None:
    np.testing.assert_array_equal(Modulator(bundle=small_bundle)(short, RATE)[0], Modulator(bundle=vv)(short, RATE)[0])


@pytest.mark.parametrize(("rate_hz", "rate"), [(22050, 1.0), (24000, 0.7), (16000, 1.3)])
def test_it_keeps_time_within_a_hop(vv: VoiceVAE, short: np.ndarray, rate_hz: int, rate: float) -> None:
    wave, heard = Modulator(bundle=vv, rate=rate)(short, rate_hz)
    assert abs(len(wave) / heard - len(short) / rate_hz / rate) < 0.0125


def test_many_threads_say_what_one_says(vv: VoiceVAE, speech: np.ndarray) -> None:
    mod = Modulator(bundle=vv, pitch_range=1.5, voice=vv.sample(1))
    waves = [speech[start : start + 8000] for start in range(0, 48000, 12000)]
    one = [mod(wave, RATE)[0] for wave in waves]
    with ThreadPoolExecutor(4) as pool:
        many = list(pool.map(lambda wave: mod(wave, RATE)[0], waves))
    for a, b in zip(one, many, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_marks_are_those_of_a_code(vv: VoiceVAE, short: np.ndarray) -> None:
    marks = [(0.2, 0.5, Edit(pitch_semitones=2, energy_db=3)), (0.6, 0.9, Edit(rate=0.5))]
    wave, rate = Modulator(bundle=vv)(short, RATE, marks=marks)
    np.testing.assert_array_equal(wave, vv.modulate(short, marks=marks))
    assert len(wave) == 1.3 * rate


def test_ssml_becomes_marks(vv: VoiceVAE, short: np.ndarray) -> None:
    mod = Modulator(bundle=vv, rate=1.25)
    text = '<speak>One <prosody pitch="+2st" rate="80%">two</prosody>, <break/></speak>'
    with pytest.warns(UserWarning, match="<break>"):
        wave, _ = mod(short, RATE, ssml=text, timings=WORDS)
    np.testing.assert_array_equal(wave, mod(short, RATE, marks=[(0.45, 0.8, Edit(pitch_semitones=2, rate=0.8))])[0])


def test_hertz_are_of_the_voice_that_speaks(vv: VoiceVAE, short: np.ndarray) -> None:
    voice = vv.sample(2)
    hz = np.exp(voice.log_f0_mean) * 2 ** (3 / 12)
    text = f'One <prosody pitch="{hz:.4f}Hz">two</prosody>'
    mod = Modulator(bundle=vv, voice=voice)
    marked, _ = mod(short, RATE, marks=[(0.45, 0.8, Edit(pitch_semitones=3))])
    np.testing.assert_allclose(mod(short, RATE, ssml=text, timings=WORDS)[0], marked, atol=1e-3)


def test_a_mel_is_spoken(vv: VoiceVAE, short: np.ndarray) -> None:
    mel = compute_mel(np.interp(np.arange(22050) / 22050, np.arange(16000) / RATE, short).astype(np.float32), HIFIGAN)
    f0_hz = np.full(len(mel), 150.0)
    wave, rate = Modulator(bundle=vv, pitch_semitones=1)(short, RATE)
    spoken, rate = Modulator(bundle=vv, pitch_semitones=1).mel(mel, HIFIGAN, f0_hz=f0_hz)
    np.testing.assert_array_equal(spoken, vv.decode(vv.from_mel(mel, HIFIGAN, f0_hz=f0_hz).edit(pitch_semitones=1)))
    assert rate == RATE and abs(len(spoken) / RATE - len(mel) * 256 / 22050) < 0.0125


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rate": 9}, "rate is 9; give a number from 0.25 to 4"),
        ({"pitch_range": float("nan")}, "pitch_range is nan; give a number from 0 to 4"),
        ({"style": "joy"}, "strength"),
        ({"style": ("joy", 0.5)}, "style"),
        ({"voice": "missing.voice"}, "missing.voice does not exist"),
        ({"voice": np.zeros(9999)}, "silence"),
    ],
)
def test_what_cannot_be_is_said_before_the_first_call(vv: VoiceVAE, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(VoiceVAEError, match=says) as raised:
        Modulator(bundle=vv, **changes)
    assert len(str(raised.value).splitlines()) == 1


def test_a_bundle_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(VoiceVAEError, match="none"):
        Modulator(bundle=tmp_path / "none")


def test_bad_sound_and_marks_are_one_sentence(vv: VoiceVAE, short: np.ndarray) -> None:
    mod = Modulator(bundle=vv)
    with pytest.raises(AudioError, match="silence"):
        mod(np.zeros(8000), RATE)
    for marks in ([(0.5, 0.5, Edit())], [(0, 2, Edit())], [(0, 0.5, Edit()), (0.4, 0.6, Edit())], [(0.1, 0.2)]):
        with pytest.raises(EditError, match="give|overlap"):
            mod(short, RATE, marks=marks)
    with pytest.raises(EditError, match="give timings of the same words"):
        mod(short, RATE, ssml="One two three", timings=WORDS)
    with pytest.raises(EditError, match="give ssml, too"):
        mod(short, RATE, timings=WORDS)
