"""Blends lie on the Wasserstein line between Gaussians, and their ends are the voices themselves."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import voicevae
from voicevae.code import Code, Speaker
from voicevae.errors import EditError
from voicevae.features import RelativeContours
from voicevae.models.transport import RIDGE
from voicevae.verbs import blend
from voicevae.voice import VoiceVAE


def test_a_recording_without_speech_has_a_depth() -> None:
    silent = RelativeContours(*(np.full(40, value, np.float32) for value in (0.0, 0.0, -5.0)))
    assert not silent.speech.any() and blend.depth(silent) == blend.MIN_DEPTH


def speaker(seed: int, size: int = 6) -> Speaker:
    random = np.random.default_rng(seed)
    root = random.normal(size=(size, 2 * size))
    return Speaker(
        random.normal(size=4).astype(np.float32),
        float(random.uniform(4.5, 5.5)),
        float(random.uniform(0.1, 0.3)),
        random.normal(size=size).astype(np.float32),
        (root @ root.T / size).astype(np.float32),
    )


def parts(one: Speaker) -> list[np.ndarray]:
    return [np.asarray(value) for value in vars(one).values()]


@pytest.mark.parametrize("weights", [[1, 0, 0], [0, 3.5, 0], [0, 0, 1e-9]])
def test_all_weight_on_a_voice_is_that_voice(weights: list[float]) -> None:
    voices = [speaker(i) for i in range(3)]
    made = blend.voices(voices, weights)
    for found, wanted in zip(parts(made), parts(voices[int(np.argmax(weights))]), strict=True):
        np.testing.assert_array_equal(found, wanted)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.permutations([0, 1, 2]), st.floats(0.1, 100))
def test_order_and_scale_of_the_weights_do_not_matter(weights: list[float], order: list[int], scale: float) -> None:
    voices = [speaker(i) for i in range(3)]
    made = blend.voices(voices, weights)
    again = blend.voices([voices[i] for i in order], [scale * weights[i] for i in order])
    for found, wanted in zip(parts(made), parts(again), strict=True):
        np.testing.assert_allclose(found, wanted, atol=0.02)


def test_a_blend_of_equals_is_the_same_voice() -> None:
    one = speaker(1)
    for found, wanted in zip(parts(blend.voices([one, speaker(1), one])), parts(one), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_covariances_that_commute_blend_as_standard_deviations_do() -> None:
    """Wasserstein's middle of N(0, a^2) and N(0, b^2) is N(0, ((a + b) / 2)^2)."""
    stds = np.array([[0.5, 1.0, 3.0], [2.0, 1.0, 0.4], [1.5, 0.2, 2.0]])
    weights = np.array([0.2, 0.5, 0.3])
    covariances = np.stack([np.diag(s**2 - RIDGE * (s**2 > RIDGE)) for s in stds])
    found = blend.barycentre(covariances, weights) + RIDGE * np.eye(3)
    wanted = weights @ np.sqrt(np.diagonal(covariances, axis1=1, axis2=2) + RIDGE)
    np.testing.assert_allclose(found, np.diag(wanted**2), atol=2e-3)


def test_the_middle_of_two_is_half_way_from_both() -> None:
    """Distances along a line add up: W2 between Gaussians in closed form, by scipy."""
    from scipy.linalg import sqrtm

    def distance(a: np.ndarray, b: np.ndarray) -> float:
        a, b = (x.astype(np.float64) + RIDGE * np.eye(len(x)) for x in (a, b))
        root = sqrtm(a)
        return float(np.sqrt(np.trace(a + b - 2 * sqrtm(root @ b @ root).real)))

    one, two = speaker(1).mel_cov, speaker(2).mel_cov
    for share in (0.25, 0.5, 0.9):
        middle = blend.barycentre(np.stack([one, two]), np.array([1 - share, share]))
        assert distance(one, middle) == pytest.approx(share * distance(one, two), rel=2e-3)
        assert distance(middle, two) == pytest.approx((1 - share) * distance(one, two), rel=2e-3)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1.0], "1 weights for 2"),
        ([0, 0], "All weights are 0"),
        ([1, -0.5], "0 or more"),
        ([1, float("nan")], "0 or more"),
        ([1, float("inf")], "0 or more"),
        ([True, 1], "0 or more"),
        (["1", 1], "0 or more"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights: list[Any], said: str) -> None:
    with pytest.raises(EditError, match=said):
        blend.voices([speaker(1), speaker(2)], weights)


def test_nothing_cannot_be_blended() -> None:
    with pytest.raises(EditError, match="nothing to blend"):
        blend.voices([])


# --- prosody --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vv(small_bundle: str) -> VoiceVAE:
    return voicevae.load(small_bundle)


def code(vv: VoiceVAE, sway: float, swell: float) -> Code:
    """A tone that sways by `sway` semitones and swells by a factor of `swell`."""
    time = np.arange(16000) / 16000
    phase = 2 * np.pi * np.cumsum(150 * 2 ** (sway / 12 * np.sin(2 * np.pi * 2 * time))) / 16000
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    return vv.encode((0.1 * tone * swell ** np.sin(2 * np.pi * 3 * time)).astype(np.float32))


def depth(vv: VoiceVAE, one: Code) -> float:
    return float(vv.coder.contours(one).loudness.mean())


def test_a_prosody_between_two_has_the_range_and_the_dynamics_between(vv: VoiceVAE) -> None:
    flat, lively = code(vv, 1, 1.1), code(vv, 4, 2.5)
    for share in (0.0, 0.25, 1.0):
        made = vv.blend_prosody([flat, lively], [1 - share, share])
        wanted = (1 - share) * flat.speaker.log_f0_std + share * lively.speaker.log_f0_std
        assert made.speaker.log_f0_std == pytest.approx(wanted)
        between = (1 - share) * depth(vv, flat) + share * depth(vv, lively)
        assert depth(vv, made) == pytest.approx(between, rel=0.02)
        contours, before = vv.coder.contours(made), vv.coder.contours(flat)
        np.testing.assert_allclose(contours.pitch, before.pitch, atol=1e-5)
        np.testing.assert_allclose(contours.voicing, before.voicing, atol=1e-5)
    assert vv.blend_prosody([flat, lively], [1, 0]) is flat


def test_the_api_takes_recordings_codes_and_voices(vv: VoiceVAE) -> None:
    time = np.arange(16000) / 16000
    wave = (0.1 * np.sin(2 * np.pi * 200 * time) + 0.05 * np.sin(2 * np.pi * 400 * time)).astype(np.float32)
    one = vv.speaker(wave)
    made = vv.blend([wave, one], [1, 2])
    np.testing.assert_allclose(made.z, one.z, atol=1e-5)
    assert torch.isfinite(torch.from_numpy(vv.convert(wave, voice=made))).all()
    assert vv.blend_prosody([wave, vv.encode(wave)]).n_samples == len(wave)
