"""A traversal moves one dimension alone, passes through the speech itself, and says the same each time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicevae
from voicevae.calibration import Calibration
from voicevae.code import Code
from voicevae.errors import BundleError, EditError
from voicevae.verbs import traverse
from voicevae.verbs.measure import MEASURES
from voicevae.voice import VoiceVAE

STDS = np.linspace(0.01, 0.1, 64, dtype=np.float32)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    made = voicevae.load(small_bundle)
    made.bundle.calibration = Calibration(
        {"traverse.z_s": STDS, "traverse.z_p": np.full(12, 0.1, np.float32), "traverse.measures": np.arange(1, 7)}
    )
    return made


@pytest.fixture(scope="module")
def code(vv: VoiceVAE) -> Code:
    time = np.arange(12000) / 16000
    tone = sum(np.sin(2 * np.pi * k * (150 * time + 3 * np.sin(9 * time))) / k for k in range(1, 12))
    return vv.encode((0.1 * tone).astype(np.float32))


def test_only_one_dimension_moves_and_the_middle_is_the_speech(vv: VoiceVAE, code: Code) -> None:
    for latent, read in (("z_s", lambda c: c.speaker.z), ("z_p", lambda c: c.prosody)):
        (sweep,) = vv.traverse(code, latent=latent, dimensions=[3], steps=3, span=2)
        std = STDS[3] if latent == "z_s" else np.float32(0.1)
        for offset, one in zip(sweep.offsets, sweep.codes, strict=True):
            change = read(one) - read(code)
            np.testing.assert_allclose(change[..., 3], offset * std, atol=1e-6)
            assert not np.delete(change, 3, -1).any()
        np.testing.assert_array_equal(sweep.values[1], 0)
        np.testing.assert_array_equal(vv.decode(sweep.codes[1]), vv.decode(replace(code, mel_residual=None)))


def test_the_most_active_come_first(vv: VoiceVAE, code: Code) -> None:
    assert [sweep.dimension for sweep in vv.traverse(code, dimensions=3, steps=3)] == [63, 62, 61]


def test_it_is_reproducible(vv: VoiceVAE, code: Code) -> None:
    one, two = (vv.traverse(code, dimensions=[5], steps=5)[0] for _ in range(2))
    np.testing.assert_array_equal(one.values, two.values)
    assert one.words() == two.words() and one.name == "z_s 5"


def test_effects_are_slopes_over_the_std_of_recordings(vv: VoiceVAE, code: Code) -> None:
    for sweep in vv.traverse(code, dimensions=2, steps=5):
        np.testing.assert_allclose(sweep.effects * np.arange(1, 7), sweep.slopes)


def test_words_name_the_largest_effect_first() -> None:
    effects = np.array([0.01, -0.4, 0.0, 0.0, 0.2, 0.0])
    sweep = traverse.Sweep("z_p", 7, 1.0, np.array([-1, 0, 1]), [], np.zeros((3, 6)), 3 * effects, effects)
    assert sweep.words() == "F0 range -1.2 semitones (effect -0.40); spectral tilt +0.6 dB/octave (effect +0.20)"
    quiet = traverse.Sweep("z_p", 7, 1.0, np.array([-1, 0, 1]), [], np.zeros((3, 6)), effects, 0 * effects)
    assert quiet.words() == "nothing that is measured here"
    assert len(MEASURES) == 6


def test_a_step_of_the_speaker_moves_the_register_as_the_heads_say(vv: VoiceVAE, code: Code) -> None:
    made = traverse.moved(vv.coder, code, "z_s", 8, 1.5)
    before, after = (vv.coder.implied_speaker(one.speaker.z) for one in (code, made))
    moved = made.speaker.log_f0_mean - code.speaker.log_f0_mean
    assert moved == pytest.approx(after.log_f0_mean - before.log_f0_mean, abs=1e-5)
    back = traverse.moved(vv.coder, made, "z_s", 8, -1.5).speaker
    np.testing.assert_allclose(back.mel_cov, code.speaker.mel_cov, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(back.mel_mean, code.speaker.mel_mean, atol=1e-4)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"latent": "z_c"}, "one of z_s, z_p"),
        ({"dimensions": 0}, "from 1 to"),
        ({"dimensions": [64]}, "from 0 to 63"),
        ({"dimensions": [0.5]}, "from 0 to 63"),
        ({"steps": 4}, "odd"),
        ({"steps": 1}, "from 3 to"),
        ({"span": 0}, "from 0.1 to 5"),
        ({"span": float("nan")}, "from 0.1 to 5"),
    ],
)
def test_what_cannot_be_is_refused(vv: VoiceVAE, code: Code, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(EditError, match=said):
        vv.traverse(code, **asked)


def test_without_a_calibration_it_says_what_lacks(small_bundle: Path, code: Code) -> None:
    with pytest.raises(BundleError, match="no calibration of traverse"):
        voicevae.load(small_bundle).traverse(code)
