"""Log-mel spectra: ordinary, and harmonic-free.

A voiced sound's spectrum is its envelope times a comb of harmonics. Averaging the power spectrum
over a window exactly one F0 wide cancels the comb and leaves the envelope: the smoothing idea of
STRAIGHT (Kawahara et al., 1999) and CheapTrick (Morise, 2015), done here before the mel filters.
What the average hides, how deep the comb was, is kept in a few broad bands: harmonicity.
"""

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from voicevae.features.config import FeatureConfig
from voicevae.features.filterbank import hz_to_mel, mel_to_hz, triangles

POWER_FLOOR = 1e-10  # of full scale: -100 dB
HARMONICITY_LIMIT = 0.98  # of a correlation: 4.6 nats


@lru_cache(maxsize=8)
def mel_filters(config: FeatureConfig) -> Tensor:
    """Triangular filters of unit area `[n_fft // 2 + 1, n_mels]`, on the HTK mel scale."""
    filters = triangles(config.n_fft // 2 + 1, config.n_mels, config.f_min_hz, config.f_max_hz, config.sample_rate)
    # A filter narrower than a bin would be empty: it takes its nearest bin instead.
    centres = mel_centres_hz(config) * config.n_fft / config.sample_rate
    empty = torch.nonzero(filters.sum(0) == 0).flatten()
    filters[centres[empty].round().long(), empty] = 1.0
    return filters / filters.sum(0, keepdim=True)


@lru_cache(maxsize=8)
def mel_centres_hz(config: FeatureConfig) -> Tensor:
    """Centre frequency of each mel band `[n_mels]`, Hz (HTK mel scale)."""
    low, high = (hz_to_mel(hz) for hz in (config.f_min_hz, config.f_max_hz))
    return mel_to_hz(torch.linspace(low, high, config.n_mels + 2)[1:-1])


def mel_to_bins(features: FeatureConfig) -> Tensor:
    """Linear interpolation in frequency, `[n_channels, bins]`; the end bands are held outwards, harmonicity is none."""
    if not 2 <= features.n_mels <= features.n_channels:
        raise ValueError(f"{features.n_mels} mel bands and {features.n_harmonicity} of harmonicity")
    centres = mel_centres_hz(features)
    bins_hz = torch.linspace(0, features.sample_rate / 2, features.n_fft // 2 + 1)
    above = torch.searchsorted(centres, bins_hz).clamp(1, features.n_mels - 1)
    weight = ((bins_hz - centres[above - 1]) / (centres[above] - centres[above - 1])).clamp(0, 1)
    matrix = torch.zeros(features.n_channels, len(bins_hz))
    columns = torch.arange(len(bins_hz))
    matrix[above - 1, columns] += 1 - weight
    matrix[above, columns] += weight
    return matrix


def power_spectrum(wave: Tensor, config: FeatureConfig, centred: bool = True) -> Tensor:
    """Power spectrum `[..., T, n_fft // 2 + 1]` of `wave` `[..., n]`, scaled so that white noise of unit variance
    has power 1 in every bin. `centred` pads with zeros so that frame `t` is centred on sample `t * hop_length`."""
    window = torch.hann_window(config.win_length, device=wave.device)
    spectrum = torch.stft(
        wave,
        config.n_fft,
        config.hop_length,
        config.win_length,
        window,
        center=centred,
        pad_mode="constant",
        return_complex=True,
    )
    return spectrum.abs().square().transpose(-1, -2) / window.square().sum()


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


def ordinary(wave: Tensor, config: FeatureConfig, centred: bool = True) -> Tensor:
    """Ordinary log-mel `[..., T, n_mels]`, natural log of power, of `wave` `[..., n]`."""
    return (power_spectrum(wave, config, centred) @ mel_filters(config).to(wave)).clamp_min(POWER_FLOOR).log()


def harmonic_free(
    wave: Tensor, f0_hz: Tensor, voiced: Tensor, config: FeatureConfig, centred: bool = True
) -> tuple[Tensor, Tensor]:
    """Harmonic-free log-mel without its level, and the level.

    Args:
        wave: `[..., n]`; f0_hz, voiced: `[..., T]`.

    Returns:
        mel: `[..., T, n_channels]`, natural log of power relative to the frame's mean power, and `harmonicity`.
        loudness_db: `[..., T]`, mean power of the frame over all frequencies, dB of full scale.
    """
    power = power_spectrum(wave, config, centred)
    width = torch.where(voiced, f0_hz, torch.full_like(f0_hz, config.unvoiced_width_hz))
    smooth = smooth_over_f0(power, width, config).clamp_min(POWER_FLOOR)
    level = smooth.mean(-1, keepdim=True)
    mel = ((smooth / level) @ mel_filters(config).to(wave)).log()
    if config.n_harmonicity:
        mel = torch.cat([mel, harmonicity(power, f0_hz, voiced, config)], -1)
    return mel, 10 * level.squeeze(-1).log10()


def harmonicity(power: Tensor, f0_hz: Tensor, voiced: Tensor, config: FeatureConfig) -> Tensor:
    """How deep the comb of harmonics is in `n_harmonicity` broad bands, spaced as mels are.

    In each band the whitened spectrum is correlated with a cosine of period F0, which is the autocorrelation at one
    period; `2 artanh` of it (Fisher's z) is in nats like the mel, near the log ratio of harmonics to noise.

    Args:
        power: `[..., T, bins]`; f0_hz, voiced: `[..., T]`.

    Returns:
        `[..., T, n_harmonicity]`, 0 where unvoiced.
    """
    bins_hz = torch.linspace(0, config.sample_rate / 2, power.shape[-1], device=power.device)
    comb = torch.cos(2 * torch.pi * bins_hz / f0_hz[..., None])
    white = power / smooth_over_f0(power, 2 * f0_hz, config).clamp_min(POWER_FLOOR)
    bands = mel_filters(replace(config, n_mels=config.n_harmonicity)).to(power)
    correlation = ((white * comb) @ bands) / (white @ bands).clamp_min(1e-6)
    return 2 * correlation.clamp(-HARMONICITY_LIMIT, HARMONICITY_LIMIT).atanh() * voiced[..., None]
