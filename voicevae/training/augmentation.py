"""Augmentation of mels in training: new voices, perturbation of the content, gaps."""

from dataclasses import replace

import torch
from torch import Tensor

from voicevae.features import FeatureConfig, vtlp
from voicevae.models.cvae import VoiceStatistics


def log_uniform(low: float, high: float, n: int, device: torch.device) -> Tensor:
    """`n` draws between `low` and `high`, uniform in the logarithm."""
    bounds = torch.log(torch.tensor([low, high]))
    return (bounds[0] + (bounds[1] - bounds[0]) * torch.rand(n, device=device)).exp()


def random_equaliser(batch: int, features: FeatureConfig, std: float, device: torch.device) -> Tensor:
    """Smooth random curves over the mel bands `[B, 1, n_channels]`, of standard deviation `std` (nats of power);
    0 over the harmonicity."""
    bands = torch.linspace(0, torch.pi, features.n_mels, device=device)
    order = torch.arange(1, 6, device=device)
    weights = torch.randn(batch, 1, len(order), device=device) * std * (2 / len(order)) ** 0.5
    return torch.nn.functional.pad(weights @ torch.cos(order[:, None] * bands), (0, features.n_harmonicity))


def warp_statistics(statistics: VoiceStatistics, matrix: Tensor) -> VoiceStatistics:
    """Statistics of the warped voice; exact for the mean, near for the standard deviation."""
    mean, std = ((value[:, None] @ matrix)[:, 0] for value in (statistics.mel_mean, statistics.mel_std))
    return replace(statistics, mel_mean=mean, mel_std=std)


def random_gaps(frames: Tensor, share: float, longest: int) -> Tensor:
    """Which of `frames` `[B, T, C]` are missing, `[B, T]` bool: in a `share` of the batch two gaps of up to `longest`
    frames each."""
    (batch, n_frames, _), device = frames.shape, frames.device
    place = torch.arange(n_frames, device=device)
    missing = torch.zeros(batch, n_frames, dtype=torch.bool, device=device)
    for _ in range(2):
        length = (torch.rand(batch, 1, device=device) * longest).ceil()
        first = (torch.rand(batch, 1, device=device) * (n_frames - longest + 1)).floor()
        missing |= (place >= first) & (place < first + length)
    return missing & (torch.rand(batch, 1, device=device) < share)


def perturb(mel: Tensor, strength: float, features: FeatureConfig) -> Tensor:
    """A canonical mel `[B, T, n_channels]` as another vocal tract and microphone would have given it.

    Random warp of up to `strength` (0.25: formants from 4/5 to 5/4) and a random equaliser; the words stay.
    """
    batch, device = len(mel), mel.device
    ratio = log_uniform(1 / (1 + strength), 1 + strength, batch, device)
    gain = 1 + random_equaliser(batch, features, 0.3 * strength, device)
    return mel @ warp_matrix(ratio, features) * gain + random_equaliser(batch, features, 1.2 * strength, device)


def warp_matrix(ratio: Tensor, features: FeatureConfig) -> Tensor:
    """`voicevae.features.vtlp.warp_matrix` of `ratio` `[B]`, on its device."""
    return torch.from_numpy(vtlp.warp_matrix(ratio.cpu().numpy(), features)).to(ratio.device)
