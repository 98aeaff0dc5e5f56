"""Light discriminators of waves, cheap enough for a CPU: spectrograms at several resolutions, and several periods."""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from voicevae.training.devices import joint

SLOPE = 0.1  # of the leaky rectifier
FLOOR = 1e-5  # of amplitude
Judged = tuple[Tensor, list[Tensor]]  # scores, and the features on the way to them


class SpectrogramDiscriminator(nn.Module):
    """Scores patches of the log-magnitude spectrogram (Jang et al., UnivNet, 2021).

    Shape: wave `[B, n]`; scores `[B, 1, bins', frames]`; features, one a layer.
    """

    window: Tensor

    def __init__(self, window: int, hop: int, channels: int) -> None:
        super().__init__()
        self.hop = hop
        self.register_buffer("window", torch.hann_window(window), persistent=False)
        widths = (1, channels, channels, channels, channels)
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(narrow, wide, (9, 3), stride=(3 if i else 2, 1), padding=(4, 1)))
            for i, (narrow, wide) in enumerate(zip(widths, widths[1:], strict=False))
        )
        self.score = weight_norm(nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, wave: Tensor) -> Judged:
        spectrum = torch.stft(wave, len(self.window), self.hop, window=self.window, return_complex=True)
        x = spectrum.abs().clamp_min(FLOOR).log()[:, None]
        return _judge(x, self.layers, self.score)


class PeriodDiscriminator(nn.Module):
    """Scores every `period`-th sample (Kong et al., HiFi-GAN, 2020).

    Shape: wave `[B, n]`; scores `[B, 1, n', period]`; features, one a layer.
    """

    def __init__(self, period: int, channels: int) -> None:
        super().__init__()
        self.period = period
        widths = (1, channels, 2 * channels, 4 * channels, 4 * channels)
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(narrow, wide, (5, 1), stride=(3, 1), padding=(2, 0)))
            for narrow, wide in zip(widths, widths[1:], strict=False)
        )
        self.score = weight_norm(nn.Conv2d(4 * channels, 1, (3, 1), padding=(1, 0)))

    def forward(self, wave: Tensor) -> Judged:
        whole = wave.shape[1] // self.period * self.period
        return _judge(wave[:, :whole].unflatten(1, (-1, self.period))[:, None], self.layers, self.score)


class Discriminators(nn.Module):
    """All discriminators; `forward` gives the scores and features of each for `wave` `[B, n]`."""

    def __init__(self, resolutions: tuple[tuple[int, int], ...], periods: tuple[int, ...], channels: int) -> None:
        super().__init__()
        spectral = [SpectrogramDiscriminator(window, hop, channels) for window, hop in resolutions]
        periodic = [PeriodDiscriminator(period, channels) for period in periods]
        self.parts = nn.ModuleList([*spectral, *periodic])

    def forward(self, wave: Tensor) -> list[Judged]:
        return [part(wave) for part in self.parts]


def discriminator_loss(real: list[Judged], made: list[Judged]) -> Tensor:
    """Least squares: real at 1, made at 0 (Mao et al., 2017); the mean over discriminators."""
    losses = [
        (1 - r.float()).square().mean() + m.float().square().mean() for (r, _), (m, _) in zip(real, made, strict=True)
    ]
    return torch.stack(losses).mean()


def generator_loss(made: list[Judged]) -> Tensor:
    """Least squares: made at 1."""
    return torch.stack([(1 - scores.float()).square().mean() for scores, _ in made]).mean()


def feature_matching_loss(real: list[Judged], made: list[Judged], share: float | Tensor = 1.0) -> Tensor:
    """L1 distance of the features, each over its own mean magnitude, so that no layer outweighs the others
    (Larsen et al., 2016; Kumar et al., MelGAN, 2019); those of `real` are taken as they are, without a gradient.
    `share` is how many items these are over the mean of how many each device has."""
    losses = [
        share
        * (r.detach().float() - m.float()).abs().mean()
        / joint(share * r.detach().float().abs().mean()).clamp_min(1e-3)
        for (_, one), (_, other) in zip(real, made, strict=True)
        for r, m in zip(one, other, strict=True)
    ]
    return torch.stack(losses).mean()


def _judge(x: Tensor, layers: nn.ModuleList, score: nn.Module) -> Judged:
    features = []
    for layer in layers:
        x = nn.functional.leaky_relu(layer(x), SLOPE)
        features.append(x)
    return score(x), features
