"""Voices nobody has, and disguises, made from mels in training."""

from dataclasses import replace

import torch
from torch import Tensor

from voicevae.features import FeatureConfig
from voicevae.features.warp import warp_matrix
from voicevae.models.cvae import VoiceStatistics


def log_uniform(low: float, high: float, n: int, device: torch.device) -> Tensor:
    """`n` draws between `low` and `high`, uniform in the logarithm."""
    bounds = torch.log(torch.tensor([low, high]))
    return (bounds[0] + (bounds[1] - bounds[0]) * torch.rand(n, device=device)).exp()


def random_equaliser(batch: int, n_mels: int, spread: float, device: torch.device) -> Tensor:
    """Smooth random curves over the mel bands `[B, 1, n_mels]`, of standard deviation `spread` (nats of power)."""
    bands = torch.linspace(0, torch.pi, n_mels, device=device)
    order = torch.arange(1, 6, device=device)
    weights = torch.randn(batch, 1, len(order), device=device) * spread * (2 / len(order)) ** 0.5
    return weights @ torch.cos(order[:, None] * bands)


def warp_statistics(statistics: VoiceStatistics, matrix: Tensor) -> VoiceStatistics:
    """Statistics of the warped voice; exact for the mean, near for the spread."""
    mean, std = ((value[:, None] @ matrix)[:, 0] for value in (statistics.mel_mean, statistics.mel_std))
    return replace(statistics, mel_mean=mean, mel_std=std)


def disguise(mel: Tensor, strength: float, features: FeatureConfig) -> Tensor:
    """A canonical mel `[B, T, n_mels]` as another vocal tract and microphone would have given it.

    Random warp of up to `strength` (0.25: formants from 4/5 to 5/4) and a random equaliser; the words stay.
    """
    batch, _, n_mels = mel.shape
    ratio = log_uniform(1 / (1 + strength), 1 + strength, batch, mel.device)
    gain = 1 + random_equaliser(batch, n_mels, 0.3 * strength, mel.device)
    return mel @ warp_matrix(ratio, features) * gain + random_equaliser(batch, n_mels, 1.2 * strength, mel.device)
