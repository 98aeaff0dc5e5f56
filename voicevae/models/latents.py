"""Gaussians, their divergences, and the priors of the speaker latent."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class Gaussian:
    """Diagonal Gaussian: `mean` and `log_variance`, `[..., D]`."""

    mean: Tensor
    log_variance: Tensor

    @staticmethod
    def of(parameters: Tensor) -> "Gaussian":
        """From a network's output `[..., 2 D]`; the log-variance is bounded softly to -8..2, for stability."""
        mean, log_variance = parameters.float().chunk(2, -1)
        return Gaussian(mean, 5 * torch.tanh((log_variance + 3) / 5) - 3)

    def sample(self) -> Tensor:
        """One draw, by reparametrisation (Kingma & Welling, 2014)."""
        return self.mean + (0.5 * self.log_variance).exp() * torch.randn_like(self.mean)

    def kl(self, prior: "Gaussian | None" = None) -> Tensor:
        """KL(self || prior) of each dimension in nats `[..., D]`; the prior is N(0, I) unless given."""
        mean, log_variance = (prior.mean, prior.log_variance) if prior else (0.0, torch.zeros_like(self.mean))
        ratio = (self.log_variance - log_variance).exp()
        return 0.5 * (
            ratio
            + (self.mean - mean) ** 2 / torch.exp(torch.as_tensor(log_variance))
            - 1
            - (self.log_variance - log_variance)
        )


def free_bits(kl: Tensor, floor: float) -> Tensor:
    """Sum over dimensions of the batch's mean KL, none of which is pushed below `floor` nats (Kingma et al., 2016)."""
    return kl.flatten(0, -2).mean(0).clamp_min(floor).sum()


class SpeakerPrior(nn.Module):
    """p(z_s | y): a learned Gaussian a labelled speaker, N(0, I) without a label (index -1)."""

    def __init__(self, n_speakers: int, dim: int) -> None:
        super().__init__()
        self.means = nn.Embedding(max(n_speakers, 1), dim)
        self.log_variances = nn.Embedding(max(n_speakers, 1), dim)
        nn.init.zeros_(self.means.weight)
        nn.init.constant_(self.log_variances.weight, -0.5)

    def forward(self, speaker: Tensor) -> Gaussian:
        """`speaker` `[B]`, -1 where there is no label."""
        known = (speaker >= 0)[:, None]
        index = speaker.clamp_min(0)
        log_variance = self.log_variances(index).clamp(-4, 0)
        return Gaussian(
            torch.where(known, self.means(index), 0.0), torch.where(known, log_variance, torch.zeros_like(log_variance))
        )
