"""A product of posteriors is that of all observations; divergences are those of training."""

import numpy as np
import pytest
import torch

from voicevae.engine import Gaussian, product
from voicevae.models import latents


def test_divergences_are_those_of_training() -> None:
    mean, log_variance = torch.randn(3, 5), torch.randn(3, 5)
    expected = latents.Gaussian(mean, log_variance).kl()
    np.testing.assert_allclose(Gaussian(mean.numpy(), log_variance.numpy()).kl(), expected, rtol=1e-5, atol=1e-6)


def observed(x: float, variance: float) -> Gaussian:
    """The posterior of z ~ N(0, 1) given x ~ N(z, variance)."""
    precision = 1 + 1 / variance
    return Gaussian(np.array([x / variance / precision]), -np.log([precision]))


@pytest.mark.parametrize(
    "observations", [[(1.0, 0.5)], [(1.0, 0.5), (2.0, 0.1)], [(1.0, 0.5), (-1.0, 2.0), (0.3, 0.7)]]
)
def test_a_product_of_posteriors_is_the_posterior_of_all_observations(
    observations: list[tuple[float, float]],
) -> None:
    """The linear Gaussian model, whose posterior is known in closed form; the prior counts once."""
    found = product([observed(x, variance) for x, variance in observations])
    precision = 1 + sum(1 / variance for _, variance in observations)
    mean = sum(x / variance for x, variance in observations) / precision
    np.testing.assert_allclose(found.mean.item(), mean, rtol=1e-5)
    np.testing.assert_allclose(np.exp(-found.log_variance).item(), precision, rtol=1e-5)


def test_a_product_with_a_posterior_wider_than_the_prior_stays_a_gaussian() -> None:
    wide = Gaussian(np.array([0.5]), np.array([1.0]))
    assert product([wide, wide, wide]).log_variance.item() <= 0
