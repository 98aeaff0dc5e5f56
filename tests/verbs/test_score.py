"""The score is minus the ELBO where closed forms say so, and knows what it was fitted to from what it was not."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

import voicevae
from voicevae.calibration import Calibration
from voicevae.errors import BundleError
from voicevae.features import Frames, extract
from voicevae.training.calibration_score import ScoreFit, scales
from voicevae.verbs import score
from voicevae.voice import VoiceVAE


def sound(seed: int, seconds: float = 0.6) -> np.ndarray:
    """A tone with its own pitch and sway that swells quickly and dies slowly, twice a second, in faint noise."""
    random = np.random.default_rng(seed)
    time = np.arange(round(16000 * seconds)) / 16000
    phase = 2 * np.pi * np.cumsum(random.uniform(100, 250) * (1 + 0.05 * np.sin(8 * time + seed))) / 16000
    since = (time + random.random()) % 0.3
    swell = np.minimum(since / 0.03, 1) * np.exp(-since / 0.1)
    tone = sum(np.sin(k * phase) / k for k in range(1, 12)) * swell
    return (0.1 * tone + 0.001 * random.standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(small_bundle: Path) -> tuple[VoiceVAE, list[Frames]]:
    vv = voicevae.load(small_bundle)
    usual = [extract(sound(seed), vv.config) for seed in range(40)]
    fit = ScoreFit(vv.coder, *scales(vv.coder, usual[:5]))
    for frames in usual:
        fit.add(frames, vv.coder.infer(frames))
    vv.bundle.calibration = Calibration({f"score.{name}": value for name, value in fit.arrays().items()})
    return vv, usual


def test_terms_are_likelihoods_and_divergences(fitted: tuple[VoiceVAE, list[Frames]]) -> None:
    vv, (frames, *_) = fitted
    q = vv.coder.infer(frames)
    missed = score.errors(vv.coder, frames, q)
    mel_scale, contour_scale = np.linspace(0.2, 2, missed.mel.shape[1]), np.array([0.3, 0.1])
    terms = dict(zip(score.TERMS, score.minus_log_likelihoods(missed, mel_scale, contour_scale).T, strict=True))
    mel, made = vv.coder.reconstruct(q)
    contours = made.array()
    said = q.relative
    wanted = -stats.laplace.logpdf(frames.mel, mel, mel_scale).sum(1)
    np.testing.assert_allclose(terms["mel"], wanted, rtol=1e-4)
    wanted = -stats.laplace.logpdf(said[:, 2], contours[:, 2], contour_scale[1])
    np.testing.assert_allclose(terms["loudness"], wanted, rtol=1e-3, atol=1e-3)
    wanted = -stats.laplace.logpdf(said[:, 0], contours[:, 0], contour_scale[0]) * frames.voiced
    np.testing.assert_allclose(terms["F0"], wanted, rtol=1e-3, atol=1e-3)
    chance = torch.from_numpy((contours[:, 1] + 1) / 2)
    wanted = torch.nn.functional.binary_cross_entropy(chance, torch.from_numpy(frames.voicing), reduction="none")
    np.testing.assert_allclose(terms["voicing"], wanted, rtol=1e-3, atol=1e-3)
    assert terms["KL speaker"].sum() == pytest.approx(float(q.q_speaker.kl().sum()), rel=1e-4)
    whole = len(frames) // vv.coder.prosody_stride
    shared = terms["KL prosody"][: whole * vv.coder.prosody_stride].sum()
    assert shared == pytest.approx(float(q.prosody.kl()[:whole].sum()), rel=1e-4)


def test_the_scales_are_those_of_the_greatest_likelihood(fitted: tuple[VoiceVAE, list[Frames]]) -> None:
    vv, usual = fitted
    mel, contours = scales(vv.coder, usual[:5])
    missed = [score.errors(vv.coder, frames, vv.coder.infer(frames)) for frames in usual[:5]]

    def cost(mel_scale: np.ndarray, contour_scale: np.ndarray) -> np.ndarray:
        terms = [score.minus_log_likelihoods(one, mel_scale, contour_scale)[one.speech] for one in missed]
        return np.concatenate(terms).sum(0)

    best = cost(mel, contours)
    for factor in (0.9, 1.1):
        other = cost(factor * mel, factor * contours)
        assert other[0] > best[0] and other[2] > best[2]


def test_what_it_was_fitted_to_is_usual(fitted: tuple[VoiceVAE, list[Frames]]) -> None:
    vv, usual = fitted
    found = [score.score(vv.coder, vv.bundle.calibration, frames) for frames in usual]
    percentiles = np.sort([one.percentile for one in found])
    np.testing.assert_allclose(percentiles, np.linspace(0, 100, 40), atol=3)
    assert np.mean([one.z for one in found]) == pytest.approx(0, abs=0.05)
    assert np.std([one.z for one in found]) == pytest.approx(1, abs=0.05)
    assert sorted(found, key=lambda one: one.z) == sorted(found, key=lambda one: one.percentile)


@pytest.mark.parametrize("strange", ["noise", "backwards"])
def test_what_it_was_not_fitted_to_is_strange(fitted: tuple[VoiceVAE, list[Frames]], strange: str) -> None:
    vv, _ = fitted
    usual = [vv.score(sound(seed)).z for seed in range(100, 110)]
    if strange == "noise":
        found = [vv.score(np.random.default_rng(i).normal(0, 0.1, 9600).astype(np.float32)).z for i in range(5)]
    else:
        found = [vv.score(sound(seed)[::-1].copy()).z for seed in range(100, 110)]
    assert np.mean(np.greater.outer(found, usual)) > 0.9  # the AUROC


def test_time_turned_around_turns_the_skewness_around(fitted: tuple[VoiceVAE, list[Frames]]) -> None:
    vv, (frames, *_) = fitted
    place = score.NAMES.index("skewness of loudness changes")
    back = Frames(*(np.ascontiguousarray(x[::-1]) for x in vars(frames).values()))
    values = [score.score(vv.coder, vv.bundle.calibration, one) for one in (frames, back)]
    name, known = score.NAMES[place], vv.bundle.calibration.part("score")
    skews = [one.deviations[name] * known["std"][place] + known["mean"][place] for one in values]
    assert skews[0] == pytest.approx(-skews[1], rel=1e-3) and skews[0] > 0


def test_the_api_gives_frames_words_and_lists(fitted: tuple[VoiceVAE, list[Frames]]) -> None:
    vv, usual = fitted
    one, two = vv.score([sound(0), sound(1)])
    assert len(one.frames) == len(usual[0]) and one.nats == pytest.approx(one.frames.mean(), abs=60)
    assert one.z == score.score(vv.coder, vv.bundle.calibration, usual[0]).z and one.z != two.z
    worst = max(one.deviations, key=lambda name: abs(one.deviations[name]))
    assert one.words().startswith(worst) and one.words().count(",") == 2


@pytest.mark.parametrize("wave", [sound(0, 0.1), np.random.default_rng(0).normal(0, 0.1, 3000)])
def test_any_sound_has_a_finite_score(fitted: tuple[VoiceVAE, list[Frames]], wave: np.ndarray) -> None:
    found = fitted[0].score(wave.astype(np.float32))
    assert np.isfinite([found.z, found.nats, *found.deviations.values()]).all() and 0 <= found.percentile <= 100


def test_without_a_calibration_it_says_what_lacks(small_bundle: Path) -> None:
    with pytest.raises(BundleError, match="no calibration of score"):
        voicevae.load(small_bundle).score(sound(0))


def test_another_versions_calibration_is_named(fitted: tuple[VoiceVAE, list[Frames]]) -> None:
    vv, (frames, *_) = fitted
    arrays = {**vv.bundle.calibration.arrays, "score.mean": np.zeros(16, np.float32)}
    with pytest.raises(BundleError, match="another version's; .*voicevae.recipes.calibrate"):
        score.score(vv.coder, Calibration(arrays), frames)


def test_onsets_that_are_bright_are_told_from_endings_that_are() -> None:
    """What swells while bright and dies while dark has a correlation near 1; backwards it has the opposite."""
    time = np.arange(400) / 80
    loudness, bright = np.sin(2 * np.pi * time), np.cos(2 * np.pi * time)
    mel = np.stack([-bright, -bright, bright, bright], 1)
    speech = np.ones(400, bool)
    assert score._onsets(loudness, mel, speech) == pytest.approx(1, abs=0.01)
    assert score._onsets(loudness[::-1], mel[::-1], speech) == pytest.approx(-1, abs=0.01)
    assert score._onsets(np.zeros(400), mel, speech) == 0
