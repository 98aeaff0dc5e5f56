"""An adapted voice: content comes from the bank, loudness from the model, and no share of either is no change."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae import adapted
from voicevae.adapted import LOUD_PERCENTILE, MOST, features, loudness_change, retrieved
from voicevae.code import AdaptedSpeaker, Speaker
from voicevae.errors import EditError
from voicevae.voice import VoiceVAE


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def voice(vv: VoiceVAE, **changes: object) -> AdaptedSpeaker:
    sizes = vv.bundle.model
    bank = np.random.default_rng(0).standard_normal((50, sizes.content_dim)).astype(np.float32)
    loudness = np.zeros(adapted.weights(vv.config.n_channels, sizes.content_dim), np.float32)
    usual = {"bank": bank, "loudness": loudness, "retrieval": 0.0, "dynamics": 0.0}
    return AdaptedSpeaker(**vars(vv.sample(1)), **usual | changes)


def test_steps_that_the_bank_holds_stay_and_others_go_there() -> None:
    random = np.random.default_rng(0)
    places = 10 * random.standard_normal((20, 5)).astype(np.float32)
    bank = np.repeat(places, adapted.NEIGHBOURS, 0)
    np.testing.assert_allclose(retrieved(places, bank, 1.0), places, atol=1e-5)
    near = places + 0.1
    np.testing.assert_allclose(retrieved(near, bank, 1.0), places, atol=1e-5)
    np.testing.assert_allclose(retrieved(near, bank, 0.25), near - 0.025, atol=1e-5)


def test_the_background_stays_and_no_share_is_no_change() -> None:
    content = np.zeros((600, 5), np.float32)
    content[100:500] = np.random.default_rng(0).standard_normal((400, 5))
    made = retrieved(content, np.ones((3, 5), np.float32), 1.0)
    assert (made[:100] == 0).all() and (made[500:] == 0).all() and np.allclose(made[100:500], 1)
    np.testing.assert_array_equal(retrieved(content, np.ones((3, 5), np.float32), 0.0), content)


def test_loudness_is_told_from_the_frames_about(vv: VoiceVAE) -> None:
    """A model that reads the loudness off one channel of the mel changes nothing where it is already so."""
    speaker = voice(vv, dynamics=1.0)
    loudness = -0.8 + 0.8 * np.sin(np.arange(200) / 9).astype(np.float32)
    mel = np.tile(speaker.mel_mean, (200, 1))
    mel[:, 0] += loudness * np.sqrt(speaker.mel_cov[0, 0])
    content = np.zeros((100, vv.bundle.model.content_dim), np.float32)
    weights = np.zeros_like(speaker.loudness)
    width = vv.config.n_channels + vv.bundle.model.content_dim
    weights[adapted.CONTEXT.index(0) * width] = 1.0
    speaker = replace(speaker, loudness=weights)
    assert features(mel, content, speaker).shape == (200, len(weights))
    np.testing.assert_allclose(loudness_change(speaker, loudness, mel, content), 0, atol=1e-4)
    softer = 0.5 * loudness
    made = softer + loudness_change(speaker, softer, mel, content)
    wanted = loudness - np.percentile(loudness, LOUD_PERCENTILE) + np.percentile(softer, LOUD_PERCENTILE)
    np.testing.assert_allclose(made, np.clip(wanted, softer - MOST, softer + MOST), atol=1e-4)


def test_the_background_keeps_its_loudness_and_a_change_is_bounded(vv: VoiceVAE) -> None:
    random = np.random.default_rng(1)
    speaker = voice(vv, dynamics=1.0, loudness=random.standard_normal(voice(vv).loudness.shape).astype(np.float32))
    loudness = np.where(np.arange(200) < 100, -3.0, -0.5).astype(np.float32)
    mel = random.standard_normal((200, vv.config.n_channels)).astype(np.float32)
    content = random.standard_normal((100, vv.bundle.model.content_dim)).astype(np.float32)
    change = loudness_change(speaker, loudness, mel, content)
    assert (change[:100] == 0).all() and np.abs(change[100:]).max() == pytest.approx(MOST)


def test_a_voice_without_shares_speaks_as_it_does_without_adaptation(vv: VoiceVAE) -> None:
    wave = np.sin(np.arange(8000) / 10).astype(np.float32)
    plain = Speaker(**{name: getattr(voice(vv), name) for name in Speaker.__dataclass_fields__})
    np.testing.assert_array_equal(vv.convert(wave, voice=voice(vv)), vv.convert(wave, voice=plain))
    changed = vv.convert(wave, voice=voice(vv, retrieval=1.0))
    assert not np.array_equal(changed, vv.convert(wave, voice=plain))


def test_a_bank_of_another_bundle_is_refused(vv: VoiceVAE) -> None:
    code = vv.encode(np.sin(np.arange(8000) / 10).astype(np.float32))
    with pytest.raises(EditError, match="another bundle"):
        vv.decode(code.edit(voice(vv, bank=np.zeros((4, 3), np.float32))))
