"""Disguises and new voices are drawn as wide as asked, and warped statistics are those of the warped voice."""

import numpy as np
import torch

from voicevae.features import FeatureConfig
from voicevae.features.warp import warp_matrix
from voicevae.models.cvae import VoiceStatistics
from voicevae.training.augmentation import disguise, log_uniform, random_equaliser, warp_statistics

FEATURES, CPU = FeatureConfig(), torch.device("cpu")


def test_ratios_are_uniform_in_the_logarithm() -> None:
    torch.manual_seed(0)
    drawn = log_uniform(0.5, 2.0, 20000, CPU).log() / np.log(2)
    assert drawn.min() >= -1 and drawn.max() <= 1
    np.testing.assert_allclose(np.quantile(drawn, [0.25, 0.5, 0.75]), [-0.5, 0, 0.5], atol=0.03)


def test_equalisers_are_smooth_and_as_deep_as_asked() -> None:
    torch.manual_seed(0)
    curves = random_equaliser(4000, 80, 0.5, CPU)
    assert curves.shape == (4000, 1, 80)
    assert abs(float(curves[:, :, 4:-4].std()) - 0.5) < 0.03
    assert float(curves.diff(dim=-1).abs().max()) < 0.5


def test_mean_of_the_warped_is_the_warped_mean() -> None:
    torch.manual_seed(0)
    mel, matrix = torch.randn(2, 50, 80), warp_matrix(torch.tensor([0.8, 1.2]), FEATURES)
    shown = VoiceStatistics(torch.randn(2, 2), mel.mean(1), mel.std(1))
    warped = warp_statistics(shown, matrix)
    np.testing.assert_allclose(warped.mel_mean, (mel @ matrix).mean(1), atol=1e-5)
    assert torch.equal(warped.log_f0, shown.log_f0)


def test_no_disguise_is_the_identity() -> None:
    mel = torch.randn(3, 20, 80)
    np.testing.assert_allclose(disguise(mel, 0.0, FEATURES), mel, atol=1e-3)


def test_a_disguise_is_one_linear_change_of_the_whole_recording() -> None:
    torch.manual_seed(0)
    one, two = torch.randn(3, 20, 80), torch.randn(3, 20, 80)

    def disguised(mel: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        return disguise(mel, 0.25, FEATURES)

    middle = (disguised(one) + disguised(two)) / 2
    np.testing.assert_allclose(disguised((one + two) / 2), middle, atol=1e-5)
    assert (disguised(one) - one).abs().mean() > 0.1
