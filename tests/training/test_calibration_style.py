"""What a style differs in is found from recordings that differ in just that."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.features import extract
from voicevae.training import calibration_style
from voicevae.training.calibration_style import Styled, StyleFit, difference
from voicevae.verbs.alignment import Said
from voicevae.verbs.style import EFFECTS
from voicevae.voice import VoiceVAE

N = len(EFFECTS)
RATE = EFFECTS.index("rate")


def recording(speaker: str, style: str, text: str, offset: float, said: np.ndarray | None = None) -> Styled:
    effects = np.full(N, float(offset))
    effects[RATE] = np.nan
    return Styled(speaker, style, text, effects, np.full(3, -offset), None if said is None else Said(said, 0))


def test_a_difference_is_that_of_the_same_speaker_and_sentence_where_there_is_one() -> None:
    known = [
        recording("a", "neutral", "one", 10),
        recording("a", "neutral", "two", 20),
        recording("a", "joy", "one", 13),  # 3 above its own sentence
        recording("b", "neutral", "one", -5),
        recording("b", "joy", "three", -4),  # 1 above all of b's
        recording("b", "joy", "one", -2),  # 3 above
        recording("c", "joy", "one", 99),  # nothing to compare with
    ]
    found = difference(known, "joy")
    assert found is not None
    effects, mel = found
    wanted = (3 + (1 + 3) / 2) / 2  # speakers count alike
    np.testing.assert_allclose(np.delete(effects, RATE), wanted)
    np.testing.assert_allclose(mel, -wanted)
    assert effects[RATE] == 0  # no recording shows it
    assert difference([known[0], known[6]], "joy") is None


def test_neutral_differs_from_all_others_and_so_does_everything_where_nothing_is_neutral() -> None:
    known = [recording("a", style, "one", value) for style, value in (("neutral", 1), ("joy", 4), ("anger", 10))]
    found = difference(known, "neutral")
    assert found is not None and found[0][0] == pytest.approx(1 - 7)
    found = difference(known[1:], "joy")
    assert found is not None and found[0][0] == pytest.approx(4 - 10)


def test_the_rate_is_read_from_the_alignment_where_the_words_agree() -> None:
    random = np.random.default_rng(0)
    said = np.cumsum(random.normal(size=(40, 13)), 0)
    said = (said - said.mean(0)) / said.std()
    known = [recording("a", "neutral", "one", 0, said), recording("a", "slow", "one", 0, np.repeat(said, 2, axis=0))]
    found = difference(known, "slow")
    assert found is not None and found[0][RATE] == pytest.approx(np.log(0.5))
    known[1] = recording("a", "slow", "one", 0, random.normal(size=(80, 13)))
    found = difference(known, "slow")
    assert found is not None and found[0][RATE] == 0


def buzz(f0_hz: float, sway: float, gain: float) -> np.ndarray:
    time = np.arange(9600) / 16000
    phase = 2 * np.pi * np.cumsum(f0_hz * np.exp(sway * np.sin(2 * np.pi * time / 0.6))) / 16000
    made = 0.1 * gain * sum(np.sin(k * phase) / k for k in range(1, 12)) * (1 + 0.3 * np.sin(20 * time))
    return (made + 1e-4 * gain * np.random.default_rng(0).standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def test_pitch_range_and_level_of_recordings_are_found(vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration_style, "MIN_RECORDINGS", 2)
    fit = StyleFit(vv.coder)
    for i, f0_hz in enumerate((110.0, 190.0)):
        fit.add(extract(buzz(f0_hz, 0.06, 1), vv.config), f"s{i}", "neutral", "")
        fit.add(extract(buzz(f0_hz * 2 ** (5 / 12), 0.12, 2), vv.config), f"s{i}", "joy", "")
    arrays, names = fit.arrays()
    assert names == ["joy", "neutral"] and arrays["mel"].shape == (2, vv.config.n_channels)
    found = dict(zip(EFFECTS, arrays["effects"][0], strict=True))
    assert found["pitch"] == pytest.approx(5, abs=0.2)
    assert found["range"] == pytest.approx(np.log(2), abs=0.15)
    assert found["level"] == pytest.approx(20 * np.log10(2), abs=0.3)
    assert found["rate"] == 0
    np.testing.assert_allclose(arrays["effects"][1], -arrays["effects"][0], atol=1e-5)


def test_fewer_than_two_styles_are_none(vv: VoiceVAE) -> None:
    fit = StyleFit(vv.coder)
    assert fit.arrays() == ({}, [])
    fit.add(extract(buzz(120, 0.1, 1), vv.config), "a", "neutral", "")
    assert fit.arrays() == ({}, [])
