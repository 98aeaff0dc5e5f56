"""Codes and bundles keep what they say through files; a code of another bundle is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.voice.conftest import FEATURES, RATE, SMALL, level_db, vowel
from voicevae import VoiceVAE, bundle, load
from voicevae.bundle import Bundle
from voicevae.code import Code, Speaker
from voicevae.errors import EditError


def test_a_code_speaks_the_same_from_its_file(vv: VoiceVAE, code: Code, tmp_path: Path) -> None:
    for voice in (None, vv.sample(seed=1)):
        edited = code.edit(speaker=voice, rate=1.1, pitch_semitones=-2)
        edited.save(tmp_path / "a.npz")
        np.testing.assert_array_equal(vv.decode(Code.load(tmp_path / "a.npz")), vv.decode(edited))


def test_rates_and_widths_of_the_latents(code: Code) -> None:
    assert code.content.shape == (-(-129 // 2), SMALL.content_dim)  # 25600 samples are 129 frames
    assert code.prosody.shape == (-(-129 // 4), SMALL.prosody_dim)
    assert code.speaker.z.shape == (SMALL.speaker_dim,)


def narrow(speaker: Speaker) -> Speaker:
    """A voice of fewer mel bands."""
    return replace(speaker, mel_mean=speaker.mel_mean[1:], mel_cov=speaker.mel_cov[1:, 1:])


@pytest.mark.parametrize(
    "change",
    [
        lambda code: {"content": code.content[:, 1:]},
        lambda code: {"prosody": code.prosody[:, 1:]},
        lambda code: {"speaker": replace(code.speaker, z=code.speaker.z[1:])},
        lambda code: {"sample_rate": 22050},
        lambda code: {"speaker": narrow(code.speaker)},
        lambda code: {"recorded": narrow(code.speaker)},
        lambda code: {"content": code.content[1:]},
        lambda code: {"mel_residual": code.mel_residual[1:]},
    ],
)
def test_a_code_of_another_bundle_is_refused(vv: VoiceVAE, code: Code, change: Callable[[Code], Any]) -> None:
    with pytest.raises(EditError):
        vv.decode(replace(code, **change(code)))


def test_a_saved_and_loaded_bundle_says_nearly_the_same(
    vv: VoiceVAE, parts: Bundle, code: Code, tmp_path: Path
) -> None:
    bundle.save(parts, tmp_path / "mine")
    loaded = load(tmp_path / "mine")
    assert loaded.card == parts.card and loaded.sample_rate == RATE and loaded.config == FEATURES
    wave, again = vv.decode(code), loaded.decode(loaded.encode(vowel(1.6)))
    assert np.abs(wave - again).max() < 0.05 * np.abs(wave).max()  # half precision


def test_a_code_without_a_residual_is_smaller_and_still_speaks(vv: VoiceVAE) -> None:
    code = vv.encode(vowel(0.6), residual=False)
    assert code.mel_residual is None
    wave = vv.decode(code)
    assert len(wave) == 9600 and np.isfinite(wave).all()
    assert level_db(wave) == pytest.approx(level_db(vowel(0.6)), abs=3)
