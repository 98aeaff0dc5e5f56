"""The spectral distance is zero between equals, grows with what differs, and knows the closed form of a gain."""

import numpy as np
import pytest
import torch

from voicevae.features import FeatureConfig
from voicevae.training.spectral import MultiResolutionSTFT


@pytest.fixture
def distance() -> MultiResolutionSTFT:
    return MultiResolutionSTFT(FeatureConfig())


def noise(seed: int) -> torch.Tensor:
    return 0.1 * torch.randn(2, 8000, generator=torch.Generator().manual_seed(seed))


def test_equal_waves_have_no_distance(distance: MultiResolutionSTFT) -> None:
    assert all(part.item() == 0 for part in distance(noise(0), noise(0)).values())


@pytest.mark.parametrize("gain", [0.5, 1.3])
def test_a_gain_is_its_logarithm_and_its_relative_error(distance: MultiResolutionSTFT, gain: float) -> None:
    parts = distance(gain * noise(0), noise(0))
    assert parts["convergence"].item() == pytest.approx(abs(gain - 1), rel=1e-3)
    assert parts["log_magnitude"].item() == pytest.approx(abs(np.log(gain)), rel=1e-3)
    assert parts["mel"].item() == pytest.approx(abs(np.log(gain)), rel=1e-3)


def test_polarity_does_not_count_and_another_sound_does(distance: MultiResolutionSTFT) -> None:
    assert all(part.item() < 1e-5 for part in distance(-noise(0), noise(0)).values())
    assert all(part.item() > 0.3 for part in distance(noise(1), noise(0)).values())


def test_silence_has_a_finite_distance_and_gradient(distance: MultiResolutionSTFT) -> None:
    made = noise(0).requires_grad_()
    total = torch.stack(list(distance(made, torch.zeros(2, 8000)).values())).sum()
    total.backward()
    assert total.isfinite() and made.grad is not None and made.grad.isfinite().all()
