"""`voicevae.features.mel.smooth_over_f0` for training: in torch, of a batch, with gradients."""

import torch
from torch import Tensor

from voicevae.features import FeatureConfig


def smooth_over_f0(power: Tensor, width_hz: Tensor, config: FeatureConfig) -> Tensor:
    """Average each frame's spectrum over a window `width_hz` wide, centred on each bin.

    Args:
        power: `[..., T, bins]`.
        width_hz: `[..., T]`, the F0 of voiced frames.

    Returns:
        `[..., T, bins]`. Equally spaced harmonics of equal power, `width_hz` apart, come out flat, and below the first
        one the value at `width_hz` is held.
    """
    bins = power.shape[-1]
    half = (width_hz * config.n_fft / config.sample_rate / 2)[..., None]
    pad = int(half.max().ceil()) + 1
    # Mirror both ends, as the spectrum of a real signal is even about 0 and about Nyquist.
    mirrored = torch.cat([power[..., 1 : pad + 1].flip(-1), power, power[..., -pad - 1 : -1].flip(-1)], -1)
    # Sums in float64: the difference of two long float32 sums would drown the quiet bins.
    total = torch.nn.functional.pad(mirrored.double().cumsum(-1), (1, 0))
    bin_, first = torch.arange(bins, device=power.device), 2 * half
    middle = pad + 0.5

    def mean(centre: Tensor, bin_: Tensor) -> Tensor:
        area = _interpolate(total, centre + half, bin_) - _interpolate(total, centre - half, bin_)
        return area / first

    # Below the first harmonic a voiced spectrum shows nothing: hold the value found there.
    held = mean(first + middle, bin_[:1])
    return torch.where(bin_ < first, held, mean(torch.full_like(half, middle), bin_)).to(power.dtype)


def _interpolate(table: Tensor, start: Tensor, step: Tensor) -> Tensor:
    """Linear interpolation of `table` `[..., n]` at the fractional positions `start` `[..., 1]` + `step` `[m]`, whole
    numbers one after another."""
    whole = start.floor()
    found = table.gather(-1, whole.long() + torch.cat([step, step[-1:] + 1]))
    return torch.lerp(found[..., :-1], found[..., 1:], (start - whole).to(table.dtype))
