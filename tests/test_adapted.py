"""An adapted voice: loudness comes from the model, smoothly, and no share of it is no change."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae import adapted
from voicevae.adapted import LOUD_PERCENTILE, MOST, SMOOTHED, change, features, loudness_change
from voicevae.code import MOST_DYNAMICS, AdaptedSpeaker, Speaker
from voicevae.edits import smoothed
from voicevae.errors import EditError
from voicevae.voice import VoiceVAE


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def voice(vv: VoiceVAE, **changes: object) -> AdaptedSpeaker:
    sizes = vv.bundle.model
    loudness = np.zeros(adapted.weights(vv.config.n_channels, sizes.content_dim), np.float32)
    return AdaptedSpeaker(**vars(vv.sample(1)), **{"loudness": loudness, "dynamics": 0.0} | changes)


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
    missing = np.clip(wanted - softer, -MOST, MOST)
    np.testing.assert_allclose(made, softer + smoothed(missing, SMOOTHED), atol=1e-4)


def test_the_background_keeps_its_loudness_and_a_change_is_bounded(vv: VoiceVAE) -> None:
    loudness = np.where(np.arange(200) < 100, -3.0, -0.5).astype(np.float32)
    made = change(voice(vv, dynamics=MOST_DYNAMICS), loudness, loudness + 5)
    assert (made[: 100 - SMOOTHED] == 0).all()
    np.testing.assert_allclose(made[100 + SMOOTHED :], MOST, rtol=1e-6)
    assert (np.diff(made) >= 0).all() and np.diff(made).max() < MOST / 4


def test_an_error_of_a_single_frame_hardly_moves_the_loudness(vv: VoiceVAE) -> None:
    loudness = np.full(50, -0.5, np.float32)
    told = loudness.copy()
    told[20] += 0.4
    made = change(voice(vv, dynamics=1.0), loudness, told)
    assert 0 < made.max() < 0.1 and made.sum() == pytest.approx(0.4, rel=1e-3)


def test_a_voice_without_shares_speaks_as_it_does_without_adaptation(vv: VoiceVAE) -> None:
    wave = np.sin(np.arange(8000) / 10).astype(np.float32)
    plain = Speaker(**{name: getattr(voice(vv), name) for name in Speaker.__dataclass_fields__})
    np.testing.assert_array_equal(vv.convert(wave, voice=voice(vv)), vv.convert(wave, voice=plain))
    changed = vv.convert(wave, voice=voice(vv, dynamics=1.0))
    assert not np.array_equal(changed, vv.convert(wave, voice=plain))


def test_a_model_of_another_bundle_is_refused(vv: VoiceVAE) -> None:
    code = vv.encode(np.sin(np.arange(8000) / 10).astype(np.float32))
    with pytest.raises(EditError, match="another bundle"):
        vv.decode(code.edit(voice(vv, loudness=np.zeros(7, np.float32))))
