"""Units cancel, shapes fit at any length, nothing looks further ahead than it says, and each road is the only one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from tests import sizes
from voicevae.features import Contours, FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.models.cvae import CVAE, VoiceStatistics, bounded, relative_contours
from voicevae.models.latents import Gaussian
from voicevae.models.transport import RIDGE, transport

N_CHANNELS = 20
SMALL = replace(sizes.SMALL, prosody_dim=3, content_dim=4, n_speakers=3)


@pytest.fixture
def model() -> CVAE:
    torch.manual_seed(0)
    return CVAE(N_CHANNELS, SMALL).eval()


def statistics(batch: int) -> VoiceStatistics:
    log_f0 = torch.stack([5 + 0.3 * torch.randn(batch), 0.1 + 0.2 * torch.rand(batch)], -1)
    return VoiceStatistics(log_f0, torch.randn(batch, N_CHANNELS), 0.5 + torch.rand(batch, N_CHANNELS))


def test_a_canonical_mel_has_mean_zero_and_the_corpus_covariance(model: CVAE) -> None:
    torch.manual_seed(1)
    mel = 3 + torch.randn(2, 400, N_CHANNELS) @ torch.randn(2, N_CHANNELS, N_CHANNELS)
    model.mel_cov.copy_(torch.cov(torch.randn(N_CHANNELS, 200)))
    model.mel_std.copy_(model.mel_cov.diagonal().sqrt())
    corpus = model.mel_cov.numpy()
    matrix = transport(np.stack([np.cov(one.T, bias=True) for one in mel]), corpus)
    made = model.canonical(mel, mel.mean(1), torch.from_numpy(matrix))
    np.testing.assert_allclose(made.mean(1), 0, atol=1e-4)
    # Exact but for the ridge, in units in which the corpus has standard deviation one.
    wanted = (corpus + RIDGE * (np.eye(N_CHANNELS) - matrix @ matrix)) / np.outer(model.mel_std, model.mel_std)
    for one, covariance in zip(made, wanted, strict=True):
        np.testing.assert_allclose(np.cov(one.T, bias=True), covariance, atol=1e-3)


def test_normalised_content_tells_neither_mean_nor_standard_deviation(model: CVAE) -> None:
    torch.manual_seed(1)
    one = Gaussian(torch.randn(1, 1000, 4), torch.randn(1, 1000, 4))
    gain, shift = 0.5 + torch.rand(4), torch.randn(4)
    two = Gaussian(one.mean * gain + shift, one.log_variance)
    first, second = (model.normalise_content(q, torch.ones(1, 2000)) for q in (one, two))
    np.testing.assert_allclose(first.mean, second.mean, atol=1e-3)
    np.testing.assert_allclose(first.mean.mean(1), 0, atol=1e-4)
    np.testing.assert_allclose(first.mean.std(1, correction=0), 1, atol=1e-4)
    assert torch.equal(first.log_variance, one.log_variance)


def test_content_is_the_prior_where_nobody_speaks_and_the_background_does_not_count(model: CVAE) -> None:
    torch.manual_seed(1)
    weight = torch.ones(1, 80)
    weight[:, 60:] = 0
    one = Gaussian(torch.randn(1, 40, 4), torch.randn(1, 40, 4))
    two = Gaussian(one.mean.clone(), one.log_variance)
    two.mean[:, 30:] += 100
    first, second = (model.normalise_content(q, weight) for q in (one, two))
    assert torch.equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.kl()[:, 30:], 0)
    assert first.mean[:, :30].all()


@pytest.mark.parametrize("speech", [0, 1, 2, 5])
def test_hardly_any_speech_gives_finite_content_and_gradients(model: CVAE, speech: int) -> None:
    weight = torch.zeros(2, 40)
    weight[0, :speech], weight[1] = 1, 1
    mean = torch.randn(2, 20, 4, requires_grad=True)
    made = model.normalise_content(Gaussian(mean, torch.zeros(2, 20, 4)), weight)
    (made.mean.square().sum() + made.kl().sum()).backward()
    assert made.mean.isfinite().all() and mean.grad is not None and mean.grad.isfinite().all()


def test_the_decoder_speaks_in_the_speakers_own_units(model: CVAE) -> None:
    content, contours, z, shown = torch.randn(2, 10, 4), torch.randn(2, 20, 3), torch.randn(2, 8), statistics(2)
    with torch.no_grad():
        condition = model.condition(z, model.normalised(shown))
        own = model.mel_decoder(content, bounded(contours), condition)
        np.testing.assert_allclose(
            model.decode_mel(content, contours, z, shown), shown.mel_mean[:, None] + shown.mel_std[:, None] * own
        )


def test_relative_contours_are_those_in_use_and_go_back() -> None:
    contours = torch.stack([5 + torch.randn(2, 30), torch.rand(2, 30), -40 * torch.rand(2, 30)], -1)
    log_f0, loudness = statistics(2).log_f0, torch.tensor([-20.0, -35.0])
    relative = relative_contours(contours, log_f0, loudness)
    for one, own, register, level in zip(contours.numpy(), relative, log_f0.tolist(), loudness.tolist(), strict=True):
        in_use = Contours.from_array(one).relative(*register, level)
        np.testing.assert_allclose(in_use.array(), own, atol=1e-5)
        np.testing.assert_allclose(in_use.absolute(*register, level).array(), one, atol=1e-5)


def test_relative_contours_do_not_show_register_and_level() -> None:
    contours = torch.stack([5 + torch.randn(1, 30), torch.rand(1, 30), -40 * torch.rand(1, 30)], -1)
    one = relative_contours(contours, torch.tensor([[5.0, 0.2]]), torch.tensor([-20.0]))
    moved = contours + torch.tensor([0.7, 0.0, -15.0])
    np.testing.assert_allclose(
        relative_contours(moved, torch.tensor([[5.7, 0.2]]), torch.tensor([-35.0])), one, atol=1e-5
    )


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 7, 24, 25, 101])
def test_shapes_at_any_length(model: CVAE, n_frames: int) -> None:
    mel, contours, shown = torch.randn(2, n_frames, N_CHANNELS), torch.randn(2, n_frames, 3), statistics(2)
    with torch.no_grad():
        speaker = model.encode_speaker(mel, torch.ones(2, n_frames), shown)
        content, prosody = model.encode_content(mel), model.encode_prosody(contours)
        decoded = model.decode_contours(prosody.mean, n_frames)
        made = model.decode_mel(content.mean, decoded, speaker.mean, shown)
    assert speaker.mean.shape == speaker.log_variance.shape == (2, 8)
    assert content.mean.shape == (2, -(-n_frames // 2), 4) and prosody.mean.shape == (2, -(-n_frames // 4), 3)
    assert decoded.shape == (2, n_frames, 3) and made.shape == mel.shape
    assert (decoded[..., 1].abs() <= 1).all() and made.isfinite().all()


def changed(of: Callable[[Tensor], Tensor], x: Tensor, place: int) -> np.ndarray:
    """Which output steps `[T']` move when the input `[1, T, C]` changes from `place` on."""
    other = x.clone()
    other[:, place:] += 1.0
    with torch.no_grad():
        return (of(x) - of(other)).abs().amax((0, 2)).numpy() > 1e-6


def test_no_encoder_or_decoder_looks_further_ahead_than_it_says(model: CVAE) -> None:
    n, place = 120, 80
    content, contours, z, shown = torch.randn(1, n // 2, 4), torch.randn(1, n, 3), torch.randn(1, 8), statistics(1)
    prosody = torch.randn(1, n // 4, 3)
    cases: list[tuple[Callable[[Tensor], Tensor], Tensor, int, int, int]] = [
        # network, input, frames an input step, frames an output step, look-ahead in frames
        (lambda x: model.encode_content(x).mean, torch.randn(1, n, N_CHANNELS), 1, 2, model.content_encoder.look_ahead),
        (lambda x: model.encode_prosody(x).mean, contours, 1, 4, model.prosody_encoder.look_ahead),
        (lambda x: model.decode_contours(x, n), prosody, 4, 1, model.contour_decoder.look_ahead),
        (lambda x: model.decode_mel(x, contours, z, shown), content, 2, 1, model.mel_decoder.look_ahead),
        (lambda x: model.decode_mel(content, x, z, shown), contours, 1, 1, model.mel_decoder.look_ahead),
    ]
    for of, x, frames_in, frames_out, look_ahead in cases:
        moved = np.flatnonzero(changed(of, x, place // frames_in)) * frames_out
        assert len(moved) and moved.min() >= place - look_ahead
        assert moved.min() < place  # it does look ahead


def test_sizes_say_how_far_the_networks_look(model: CVAE) -> None:
    assert SMALL.content_reach == model.content_encoder.look_ahead
    assert SMALL.prosody_reach == model.prosody_encoder.look_ahead
    assert SMALL.contours_reach == model.contour_decoder.look_ahead
    assert SMALL.decoder_reach == model.mel_decoder.look_ahead


def test_the_speaker_is_read_from_speech_and_not_from_its_order(model: CVAE) -> None:
    mel, shown = torch.randn(1, 80, N_CHANNELS), statistics(1)
    speech = torch.ones(1, 80)
    speech[:, 40:] = 0
    other = mel.clone()
    other[:, 48:] = 5.0  # beyond the reach of the last frame that counts
    with torch.no_grad():
        one, two = (model.encode_speaker(x, speech, shown).mean for x in (mel, other))
        three = model.encode_speaker(other, torch.ones(1, 80), shown).mean
    assert (one - two).abs().max() < 0.1 * (one - three).abs().max()


def test_prosody_has_one_road_and_the_mel_another(model: CVAE) -> None:
    contours, shown = torch.randn(1, 40, 3), statistics(1)
    prosody, content, z = (torch.randn(shape, requires_grad=True) for shape in ((1, 10, 3), (1, 20, 4), (1, 8)))
    model.decode_contours(prosody, 40).sum().backward()
    assert prosody.grad is not None and prosody.grad.any() and content.grad is None and z.grad is None
    model.decode_mel(content, contours, z, shown).square().sum().backward()
    assert content.grad is not None and content.grad.any() and z.grad is not None and z.grad.any()


def test_what_lies_beyond_training_counts_as_its_bound(model: CVAE) -> None:
    far, edge = torch.tensor([50.0, 1.0, -80.0]).expand(1, 20, 3), torch.tensor([6.0, 1.0, -5.0]).expand(1, 20, 3)
    with torch.no_grad():
        assert torch.equal(model.encode_prosody(far).mean, model.encode_prosody(edge).mean)


def test_implied_statistics_are_in_the_corpus_units(model: CVAE) -> None:
    for parameter in model.speaker_head.parameters():
        torch.nn.init.zeros_(parameter)
    model.statistics_mean.copy_(torch.arange(42.0))
    implied = model.implied_statistics(torch.randn(3, 8))
    np.testing.assert_allclose(implied.log_f0.detach(), [[0, 1]] * 3)
    np.testing.assert_allclose(implied.mel_mean.detach(), [np.arange(2, 22)] * 3)
    np.testing.assert_allclose(implied.mel_std.detach(), [np.arange(22, 42)] * 3)
    np.testing.assert_allclose(model.normalised(implied).detach(), 0, atol=1e-6)


def test_the_default_has_at_most_five_million_parameters() -> None:
    model = CVAE(FeatureConfig().n_channels, ModelConfig(n_speakers=300))
    assert sum(p.numel() for p in model.parameters()) <= 5_000_000
