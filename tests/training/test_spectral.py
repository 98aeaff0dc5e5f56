"""The spectral loss is zero between equals, grows with what differs, and knows the closed form of a gain."""

import numpy as np
import pytest
import torch

from voicevae.features import FeatureConfig
from voicevae.training.spectral import LOUDNESS_BANDS, LOUDNESS_POWER, THRESHOLD, SpectralLoss, bark_filters


@pytest.fixture
def loss() -> SpectralLoss:
    return SpectralLoss(FeatureConfig())


def noise(seed: int) -> torch.Tensor:
    return 0.1 * torch.randn(2, 8000, generator=torch.Generator().manual_seed(seed))


def test_equal_waves_have_no_loss(loss: SpectralLoss) -> None:
    assert all(part.item() == 0 for part in loss(noise(0), noise(0)).values())


@pytest.mark.parametrize("gain", [0.5, 1.3])
def test_a_gain_is_its_logarithm_and_its_relative_error(loss: SpectralLoss, gain: float) -> None:
    parts = loss(gain * noise(0), noise(0))
    assert parts["convergence"].item() == pytest.approx(abs(gain - 1), rel=1e-3)
    assert parts["log_magnitude"].item() == pytest.approx(abs(np.log(gain)), rel=1e-3)
    assert parts["mel"].item() == pytest.approx(abs(np.log(gain)), rel=1e-3)
    loudness = abs(gain ** (2 * LOUDNESS_POWER) - 1)  # a little more where the threshold is felt
    assert loudness < parts["loudness"].item() < 1.1 * loudness


def test_polarity_does_not_count_and_another_sound_does(loss: SpectralLoss) -> None:
    assert all(part.item() < 1e-5 for part in loss(-noise(0), noise(0)).values())
    another = loss(noise(1), noise(0))
    # Power to the .23 hardly spreads: of exponential powers the mean difference is 2 - 2^.77 of the mean.
    assert 0.05 < another.pop("loudness").item() < 2 - 2 ** (1 - LOUDNESS_POWER)
    assert all(part.item() > 0.3 for part in another.values())


def test_silence_has_a_finite_loss_and_gradient(loss: SpectralLoss) -> None:
    made = noise(0).requires_grad_()
    total = torch.stack(list(loss(made, torch.zeros(2, 8000)).values())).sum()
    total.backward()
    assert total.isfinite() and made.grad is not None and made.grad.isfinite().all()


def test_half_of_what_is_heard_weighs_more_than_all_that_is_not(loss: SpectralLoss) -> None:
    """A tone, and noise 20 dB below the threshold: without the noise nothing is missed, but a log says much is."""
    time = torch.arange(8000) / 16000
    tone = 0.14 * torch.sin(2 * np.pi * 440 * time).expand(2, -1)
    hidden = 0.1 * np.sqrt(THRESHOLD) * noise(0) / 0.1
    quieter, without = loss(0.5 * tone + hidden, tone + hidden), loss(tone, tone + hidden)
    assert quieter["loudness"] > 10 * without["loudness"]
    assert quieter["log_magnitude"] < without["log_magnitude"]


@pytest.mark.parametrize("sample_rate", [16000, 24000, 48000])
def test_bark_filters_are_of_unit_area_and_equally_wide_to_the_ear(sample_rate: int) -> None:
    filters = bark_filters(sample_rate)
    np.testing.assert_allclose(filters.sum(0), 1.0, rtol=1e-5)
    hz = np.linspace(0, sample_rate / 2, len(filters))
    # Zwicker & Terhardt (1980), another formula of the same scale, within its known differences.
    bark = 13 * np.arctan(0.00076 * hz) + 3.5 * np.arctan((hz / 7500) ** 2)
    steps = np.diff(bark @ filters.numpy())
    assert filters.shape[1] == LOUDNESS_BANDS and (steps > 0).all()
    middle = steps[8:-8]
    assert middle.max() < 1.8 * middle.min()
