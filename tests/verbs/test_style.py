"""A style adds what it was told of, as many times as asked; none of it is the code itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import voicevae
from voicevae.calibration import Calibration
from voicevae.code import Code
from voicevae.errors import BundleError, EditError
from voicevae.verbs import style
from voicevae.voice import VoiceVAE

RATE = 16000
EFFECTS = {
    "happiness": dict(zip(style.EFFECTS, (4.0, np.log(1.5), np.log(0.8), -3.0, 0.0), strict=True)),
    "sadness": dict(zip(style.EFFECTS, (0.0, 0.0, 0.0, 0.0, np.log(1.2)), strict=True)),
}


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    """The small bundle, told of two styles."""
    made = voicevae.load(small_bundle)
    arrays = {
        "style.effects": np.array([list(one.values()) for one in EFFECTS.values()], np.float32),
        "style.mel": np.stack([np.linspace(-0.5, 0.5, made.config.n_channels), np.zeros(made.config.n_channels)]),
    }
    made.bundle.calibration = Calibration(arrays, {"styles": list(EFFECTS)})
    return made


@pytest.fixture(scope="module")
def code(vv: VoiceVAE) -> Code:
    time = np.arange(RATE) / RATE
    phase = 2 * np.pi * np.cumsum(150 * np.exp(0.1 * np.sin(7 * time))) / RATE
    made = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 12)) * (1 + 0.5 * np.sin(20 * time))
    return vv.encode((made + 1e-4 * np.random.default_rng(0).standard_normal(RATE)).astype(np.float32))


def test_the_names_are_listed_and_joy_is_happiness(vv: VoiceVAE, code: Code) -> None:
    assert vv.styles == ["happiness", "sadness"]
    joy, happiness = (vv.style(code, style=name, strength=0.7) for name in ("joy", "happiness"))
    np.testing.assert_array_equal(joy.contour_residual, happiness.contour_residual)
    assert joy.changes == happiness.changes


@pytest.mark.parametrize("name", list(EFFECTS))
def test_none_of_it_is_the_code_itself(vv: VoiceVAE, code: Code, name: str) -> None:
    assert vv.style(code, style=name, strength=0) is code


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 2))
def test_pitch_range_rate_and_level_are_those_edits(vv: VoiceVAE, code: Code, strength: float) -> None:
    made = vv.style(code, style="happiness", strength=strength)
    wanted = code.edit(
        pitch_semitones=4 * strength, pitch_range=1.5**strength, rate=0.8**strength, energy_db=-3 * strength
    )
    for found, expected in zip(*(vv.coder.decode(one)[1].array().T for one in (made, wanted)), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-3)
    assert made.duration_s == pytest.approx(code.duration_s / 0.8**strength)


def test_half_and_half_is_all_of_it(vv: VoiceVAE, code: Code) -> None:
    once = vv.style(code, style="happiness")
    twice = vv.style(vv.style(code, style="happiness", strength=0.5), style="happiness", strength=0.5)
    (mel, contours), (wanted_mel, wanted) = vv.coder.decode(twice), vv.coder.decode(once)
    np.testing.assert_allclose(mel, wanted_mel, atol=1e-3)
    np.testing.assert_allclose(contours.array(), wanted.array(), atol=1e-3)


def test_the_voice_changes_by_the_mel_of_the_style_where_there_is_speech(vv: VoiceVAE, code: Code) -> None:
    """Bands by as much against one another, harmonicity as it is; no frame is louder for it."""
    made, n_mels = vv.style(code, style="happiness", strength=2), vv.config.n_mels
    change = (made.mel_residual - code.mel_residual)[20:-20]
    wanted = np.broadcast_to(2 * np.linspace(-0.5, 0.5, change.shape[1]), change.shape)
    np.testing.assert_allclose(change[:, n_mels:], wanted[:, n_mels:], atol=1e-5)
    np.testing.assert_allclose(np.diff(change[:, :n_mels]), np.diff(wanted[:, :n_mels]), atol=1e-5)
    before, after = (
        vv.coder.decode(replace(one, changes=voicevae.Edit(), contour_residual=code.contour_residual))[0]
        for one in (code, made)
    )
    np.testing.assert_allclose(vv.coder.level(after), vv.coder.level(before), atol=1e-4)
    assert made.speaker is code.speaker


def test_another_voice_is_coloured_in_its_mean(vv: VoiceVAE, code: Code) -> None:
    other = vv.sample(1, source="prior")
    made = vv.style(code.edit(speaker=other), style="happiness")
    assert made.mel_residual is code.mel_residual
    change = made.speaker.mel_mean - other.mel_mean
    np.testing.assert_allclose(change, np.linspace(-0.5, 0.5, len(change)), atol=1e-5)
    assert np.isfinite(vv.decode(made)).all()


def test_dynamics_widen_from_the_loud_frames(vv: VoiceVAE, code: Code) -> None:
    before, after = (vv.coder.contours(one).loudness for one in (code, vv.style(code, style="sadness")))
    heard = before > style.FLOOR
    np.testing.assert_allclose(after[heard], 1.2 * before[heard], atol=1e-5)


@pytest.mark.parametrize("strength", [-1, 2.1, float("nan"), True, "much", None])
def test_a_bad_strength_is_named(vv: VoiceVAE, code: Code, strength: object) -> None:
    with pytest.raises(EditError, match="strength is .* from 0 to 2"):
        vv.style(code, style="joy", strength=strength)


def test_an_unknown_style_is_named_beside_those_known(vv: VoiceVAE, code: Code) -> None:
    for name in ("rage", "Joy", ""):
        with pytest.raises(EditError, match=f"no style {name!r}; known are happiness, sadness"):
            vv.style(code, style=name, strength=0)


def test_a_bundle_that_was_told_of_none_says_so(small_bundle: Path, code: Code) -> None:
    vv = voicevae.load(small_bundle)
    assert vv.styles == []
    with pytest.raises(BundleError, match=r"no calibration of style; .*voicevae\.recipes\.calibrate"):
        vv.style(code, style="joy")
