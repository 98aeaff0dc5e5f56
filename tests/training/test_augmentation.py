"""Perturbations and new voices are drawn as wide as asked, and warped statistics are those of the warped voice."""

import numpy as np
import pytest
import torch

from voicevae.features import FeatureConfig
from voicevae.models.cvae import VoiceStatistics
from voicevae.training.augmentation import (
    log_uniform,
    perturb,
    random_equaliser,
    random_gaps,
    warp_matrix,
    warp_statistics,
)

FEATURES, CPU = FeatureConfig(), torch.device("cpu")
N = FEATURES.n_channels


def test_ratios_are_uniform_in_the_logarithm() -> None:
    torch.manual_seed(0)
    drawn = log_uniform(0.5, 2.0, 20000, CPU).log() / np.log(2)
    assert drawn.min() >= -1 and drawn.max() <= 1
    np.testing.assert_allclose(np.quantile(drawn, [0.25, 0.5, 0.75]), [-0.5, 0, 0.5], atol=0.03)


def test_equalisers_are_smooth_and_as_deep_as_asked() -> None:
    torch.manual_seed(0)
    curves = random_equaliser(4000, FEATURES, 0.5, CPU)
    assert curves.shape == (4000, 1, N)
    bands = curves[:, :, : FEATURES.n_mels]
    assert abs(float(bands[:, :, 4:-4].std()) - 0.5) < 0.03
    assert float(bands.diff(dim=-1).abs().max()) < 0.5


def test_an_equaliser_leaves_harmonicity_alone() -> None:
    assert not random_equaliser(10, FEATURES, 0.5, CPU)[..., FEATURES.n_mels :].any()
    plain = FeatureConfig(n_harmonicity=0)
    assert random_equaliser(10, plain, 0.5, CPU).shape == (10, 1, plain.n_mels)


def test_mean_of_the_warped_is_the_warped_mean() -> None:
    torch.manual_seed(0)
    mel, matrix = torch.randn(2, 50, N), warp_matrix(torch.tensor([0.8, 1.2]), FEATURES)
    shown = VoiceStatistics(torch.randn(2, 2), mel.mean(1), mel.std(1))
    warped = warp_statistics(shown, matrix)
    np.testing.assert_allclose(warped.mel_mean, (mel @ matrix).mean(1), atol=1e-5)
    assert torch.equal(warped.log_f0, shown.log_f0)


def test_no_perturbation_is_the_identity() -> None:
    mel = torch.randn(3, 20, N)
    np.testing.assert_allclose(perturb(mel, 0.0, FEATURES), mel, atol=1e-3)


def test_a_perturbation_is_one_linear_change_of_the_whole_recording() -> None:
    torch.manual_seed(0)
    one, two = torch.randn(3, 20, N), torch.randn(3, 20, N)

    def perturbed(mel: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        return perturb(mel, 0.25, FEATURES)

    middle = (perturbed(one) + perturbed(two)) / 2
    np.testing.assert_allclose(perturbed((one + two) / 2), middle, atol=1e-5)
    changed = (perturbed(one) - one).abs()
    assert changed[..., : FEATURES.n_mels].mean() > 0.1 and not changed[..., FEATURES.n_mels :].any()


def lengths(missing: torch.Tensor) -> list[int]:
    """Of the runs of frames in `[T]` that are missing."""
    edges = torch.diff(torch.nn.functional.pad(missing.int(), (1, 1))).nonzero().flatten()
    return (edges[1::2] - edges[::2]).tolist()


def test_gaps_are_two_at_most_and_of_bounded_length() -> None:
    torch.manual_seed(0)
    missing = random_gaps(torch.zeros(2000, 64, 3), 1.0, 10)
    runs = [lengths(row) for row in missing]
    assert missing.shape == (2000, 64) and missing.dtype == torch.bool
    assert {len(own) for own in runs} == {1, 2}
    apart = [length for own in runs if len(own) == 2 for length in own]
    assert set(apart) == set(range(1, 11))  # every length from one frame on
    assert max(length for own in runs for length in own) <= 20  # where both meet
    assert missing[:, :-1].any(0).all()  # a gap may be anywhere


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_gaps_are_in_a_share_of_the_batch(share: float) -> None:
    torch.manual_seed(0)
    having = random_gaps(torch.zeros(4000, 64, 3), share, 10).any(1)
    assert float(having.float().mean()) == pytest.approx(share, abs=0.03)
    assert having.any() == (share > 0) and having.all() == (share == 1)
