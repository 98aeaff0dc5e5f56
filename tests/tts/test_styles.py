"""A style in a modulator is the API's, upon the voice and before the edits, and its rate keeps time, too."""

from pathlib import Path

import numpy as np
import pytest

from voicevae import VoiceVAE, load
from voicevae.calibration import Calibration
from voicevae.errors import EditError
from voicevae.tts import Modulator
from voicevae.verbs.style import EFFECTS

RATE = 16000


@pytest.fixture(scope="module")
def styled(small_bundle: Path) -> VoiceVAE:
    """The small bundle, told of one style: a third higher, wider, slower, louder."""
    made = load(small_bundle)
    effects = dict.fromkeys(EFFECTS, 0.0) | {"pitch": 4.0, "range": np.log(1.5), "rate": np.log(0.8), "level": 3.0}
    arrays = {
        "style.effects": np.array([list(effects.values())], np.float32),
        "style.mel": np.zeros((1, made.config.n_channels), np.float32),
    }
    made.bundle.calibration = Calibration(arrays, {"styles": ["happiness"]})
    return made


def test_the_style_comes_upon_the_voice_and_before_the_edits(styled: VoiceVAE, speech: np.ndarray) -> None:
    wave = speech[:RATE]
    voice = styled.sample(2, source="prior")
    mod = Modulator(bundle=styled, voice=voice, style=("joy", 0.5), pitch_semitones=1)
    code = styled.style(styled.encode(wave).edit(speaker=voice), style="joy", strength=0.5)
    np.testing.assert_array_equal(mod(wave, RATE)[0], styled.decode(code.edit(pitch_semitones=1)))


def test_a_style_of_plain_edits_is_those_edits(styled: VoiceVAE, speech: np.ndarray) -> None:
    made, _ = Modulator(bundle=styled, style=("joy", 1))(speech[:RATE], RATE)
    edits = {"pitch_semitones": 4.0, "pitch_range": 1.5, "rate": 0.8, "energy_db": 3.0}
    np.testing.assert_allclose(made, Modulator(bundle=styled, **edits)(speech[:RATE], RATE)[0], atol=5e-3)


def test_the_rate_of_a_style_keeps_time_in_a_stream(styled: VoiceVAE, speech: np.ndarray) -> None:
    mod = Modulator(bundle=styled, style=("joy", 1), rate=1.5)
    made = np.concatenate(list(mod.stream(np.array_split(speech[: 2 * RATE], 9), RATE)))
    assert abs(len(made) - 2 * RATE / 1.2) <= 1


@pytest.mark.parametrize(
    ("style", "says"),
    [
        (("anger", 1), "no style 'anger'; known are happiness"),
        (("joy", 3), "from 0 to 2"),
        (("joy", np.nan), "from 0 to 2"),
    ],
)
def test_styles_that_cannot_be_are_said_at_once(styled: VoiceVAE, style: tuple[str, float], says: str) -> None:
    with pytest.raises(EditError, match=says):
        Modulator(bundle=styled, style=style)
