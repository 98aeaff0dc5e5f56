"""Divergences are those of torch.distributions; priors say what a label says, and nothing without one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from voicevae.models.latents import Gaussian, SpeakerPrior, free_bits


def normal(gaussian: Gaussian) -> Normal:
    return Normal(gaussian.mean, (0.5 * gaussian.log_variance).exp())


def drawn(*shape: int) -> Gaussian:
    return Gaussian(torch.randn(shape), torch.randn(shape))


def test_kl_against_a_given_prior_and_the_standard_one() -> None:
    torch.manual_seed(0)
    q, p = drawn(3, 7, 5), drawn(3, 7, 5)
    np.testing.assert_allclose(q.kl(p), kl_divergence(normal(q), normal(p)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(q.kl(), kl_divergence(normal(q), Normal(0.0, 1.0)), rtol=1e-4, atol=1e-5)


def test_kl_of_a_gaussian_with_itself_is_zero_and_never_below() -> None:
    torch.manual_seed(0)
    q, p = drawn(100, 8), drawn(100, 8)
    np.testing.assert_allclose(q.kl(q), 0, atol=1e-6)
    assert (q.kl(p) >= 0).all()


def test_samples_have_the_mean_and_variance() -> None:
    torch.manual_seed(0)
    q = Gaussian(torch.tensor([1.0, -2.0]).expand(40000, 2), torch.tensor([-2.0, 1.0]).expand(40000, 2))
    z = q.sample()
    np.testing.assert_allclose(z.mean(0), [1, -2], atol=0.03)
    np.testing.assert_allclose(z.var(0), np.exp([-2, 1]), rtol=0.05)


@given(st.floats(-1e4, 1e4))
def test_the_log_variance_is_bounded_whatever_the_network_says(value: float) -> None:
    q = Gaussian.of(torch.tensor([0.5, value]))
    assert q.mean.item() == 0.5
    assert -8 <= q.log_variance.item() <= 2


def test_the_log_variance_bound_is_soft() -> None:
    value = torch.tensor([0.0, -3.0], requires_grad=True)
    q = Gaussian.of(value)
    assert q.log_variance.item() == pytest.approx(-3)
    q.log_variance.sum().backward()
    assert value.grad is not None and value.grad[1].item() == pytest.approx(1)


def test_free_bits_push_no_dimension_below_the_floor() -> None:
    kl = torch.tensor([[[0.3, 0.01, 2.0], [0.1, 0.03, 4.0]]], requires_grad=True)  # means 0.2, 0.02, 3
    total = free_bits(kl, 0.1)
    assert total.item() == pytest.approx(0.2 + 0.1 + 3.0)
    total.backward()
    assert kl.grad is not None
    np.testing.assert_allclose(kl.grad[0], [[0.5, 0, 0.5]] * 2)


def test_without_free_bits_it_is_the_sum_of_mean_divergences() -> None:
    kl = torch.rand(2, 5, 3)
    assert free_bits(kl, 0.0).item() == pytest.approx(kl.mean((0, 1)).sum().item(), rel=1e-6)


def test_the_prior_is_the_speakers_own_with_a_label_and_standard_without() -> None:
    torch.manual_seed(0)
    prior = SpeakerPrior(4, 6)
    torch.nn.init.normal_(prior.means.weight)
    torch.nn.init.uniform_(prior.log_variances.weight, -3, -1)
    p = prior(torch.tensor([2, -1, 0]))
    np.testing.assert_array_equal(p.mean[1].detach(), np.zeros(6))
    np.testing.assert_array_equal(p.log_variance[1].detach(), np.zeros(6))
    for row, speaker in ((0, 2), (2, 0)):
        assert torch.equal(p.mean[row], prior.means.weight[speaker])
        assert torch.equal(p.log_variance[row], prior.log_variances.weight[speaker])


def test_only_the_labelled_speakers_prior_learns() -> None:
    prior = SpeakerPrior(3, 2)
    drawn(2, 2).kl(prior(torch.tensor([1, -1]))).sum().backward()
    for table in (prior.means, prior.log_variances):
        assert table.weight.grad is not None
        assert table.weight.grad[1].any() and not table.weight.grad[[0, 2]].any()


def test_a_prior_of_no_speakers_is_standard() -> None:
    p = SpeakerPrior(0, 3)(torch.tensor([-1]))
    assert not p.mean.any() and not p.log_variance.any()
