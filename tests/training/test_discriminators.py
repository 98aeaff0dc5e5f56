"""Losses have their closed forms, each discriminator hears what it is made for, and all of them can learn."""

import pytest
import torch
from torch import Tensor

from voicevae.training.discriminators import (
    Discriminators,
    Judged,
    PeriodDiscriminator,
    SpectrogramDiscriminator,
    discriminator_loss,
    feature_matching_loss,
    generator_loss,
)


def judged(score: float, *features: Tensor) -> list[Judged]:
    """Two discriminators that say `score` everywhere, of unlike size."""
    return [(torch.full((2, 1, 7, 3), score), list(features)), (torch.full((2, 1, 500, 1), score), list(features))]


def tones(seed: int) -> Tensor:
    """`[8, 4000]`, of any phase and pitch."""
    generator = torch.Generator().manual_seed(seed)
    hz, phase = 200 + 1000 * torch.rand(8, 1, generator=generator), 6 * torch.rand(8, 1, generator=generator)
    return 0.14 * torch.sin(2 * torch.pi * hz * torch.arange(4000) / 16000 + phase)


def noise(seed: int) -> Tensor:
    return 0.1 * torch.randn(8, 4000, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def both() -> Discriminators:
    torch.manual_seed(0)
    return Discriminators(((256, 64),), (3,), 4)


@pytest.mark.parametrize(("real", "made", "loss"), [(1, 0, 0.0), (0, 0, 1.0), (0.5, 0.5, 0.5), (0, 1, 2.0)])
def test_the_loss_of_who_says_always_the_same(real: float, made: float, loss: float) -> None:
    assert discriminator_loss(judged(real), judged(made)).item() == pytest.approx(loss)


@pytest.mark.parametrize(("score", "loss"), [(1.0, 0.0), (0.0, 1.0), (-1.0, 4.0)])
def test_the_generators_loss_is_its_difference_from_real(score: float, loss: float) -> None:
    assert generator_loss(judged(score)).item() == pytest.approx(loss)


def test_discriminators_count_alike_whatever_their_size() -> None:
    fooled = [judged(1.0)[0], judged(0.0)[1]]
    assert generator_loss(fooled).item() == pytest.approx(0.5)
    assert discriminator_loss(judged(1.0), fooled).item() == pytest.approx(0.5)


def test_the_feature_matching_loss_is_relative_in_every_layer() -> None:
    small, large = 1e-2 * torch.randn(2, 4, 9, 3), 1e2 * torch.randn(2, 8, 5, 2)
    real = judged(0.0, small, large)
    assert feature_matching_loss(real, real).item() == 0
    assert feature_matching_loss(real, judged(0.0, 1.1 * small, 0.7 * large)).item() == pytest.approx(0.2, rel=1e-4)
    assert feature_matching_loss(judged(0.0, 0 * small), judged(0.0, small)).isfinite()


@pytest.mark.parametrize("n_samples", [3999, 4000, 8001])
def test_what_is_said_of_each_wave_is_its_own(both: Discriminators, n_samples: int) -> None:
    wave = torch.randn(3, n_samples)
    with torch.no_grad():
        together, alone = both(wave), both(wave[1:2])
    for (scores, features), (score, feature) in zip(together, alone, strict=True):
        assert scores.ndim == 4 and scores.shape[:2] == (3, 1) and len(features) == 4
        for one, other in zip([scores, *features], [score, *feature], strict=True):
            torch.testing.assert_close(one[1:2], other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("period", [2, 3, 5])
def test_a_period_is_judged_by_every_so_many_samples(period: int) -> None:
    torch.manual_seed(0)
    part, wave = PeriodDiscriminator(period, 4), torch.randn(1, 3000)
    other = wave.clone()
    other[:, 1::period] += torch.randn(1, len(other[0, 1::period]))
    with torch.no_grad():
        moved = (part(wave)[0] - part(other)[0]).abs().amax((0, 1, 2))
    assert len(moved) == period and moved[1] > 1e-4 and not moved[torch.arange(period) != 1].any()


def test_a_spectrogram_hides_polarity_and_shows_its_patch() -> None:
    torch.manual_seed(0)
    part, wave = SpectrogramDiscriminator(256, 64, 4), torch.randn(1, 6400)
    other = wave.clone()
    other[:, 3200:] += torch.randn(1, 3200)
    with torch.no_grad():
        scores, flipped, changed = (part(x)[0] for x in (wave, -wave, other))
    torch.testing.assert_close(flipped, scores)
    moved = (changed - scores).abs().amax((0, 1, 2)) > 1e-6
    assert scores.shape[-1] == 101 and not moved[:40].any() and moved[50:].all()


def test_silence_has_finite_gradients(both: Discriminators) -> None:
    wave = torch.zeros(2, 4000, requires_grad=True)
    generator_loss(both(wave)).backward()
    assert wave.grad is not None and wave.grad.isfinite().all()
    assert all(p.grad is None or p.grad.isfinite().all() for p in both.parameters())


@pytest.mark.parametrize(
    ("resolutions", "periods", "steps"), [(((256, 64), (512, 128)), (), 25), ((), (2, 3), 50)], ids=["bands", "periods"]
)
def test_in_a_few_steps_each_tells_a_tone_from_noise(
    resolutions: tuple[tuple[int, int], ...], periods: tuple[int, ...], steps: int
) -> None:
    torch.manual_seed(0)
    made = Discriminators(resolutions, periods, 6)
    optimizer = torch.optim.Adam(made.parameters(), 5e-3)
    for step in range(steps):
        optimizer.zero_grad()
        discriminator_loss(made(10 * tones(step)), made(10 * noise(step))).backward()
        optimizer.step()
    with torch.no_grad():
        of_tones, of_noise = made(10 * tones(1000)), made(10 * noise(1000))
    for (one, _), (other, _) in zip(of_tones, of_noise, strict=True):
        assert one.mean() > other.mean() + 0.5
    assert discriminator_loss(of_tones, of_noise).item() < 0.3
