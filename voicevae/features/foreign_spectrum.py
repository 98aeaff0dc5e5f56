"""The power spectrum behind the bands of a mel of any configuration."""

import math
from functools import lru_cache

import numpy as np

from voicevae.features.config import FeatureConfig
from voicevae.features.filterbank import triangles
from voicevae.features.mel import mel_filters
from voicevae.features.mel_config import MelConfig
from voicevae.features.stft import hann

N_ITERATIONS = 30
LEAST = 1e-15  # far below any floor, and its square is still a number
# Noise of power P has magnitudes of mean sqrt(P * pi / 4) (Rayleigh), so magnitudes that were averaged tell this power.
MAGNITUDE = math.pi / 4


@lru_cache(maxsize=8)
def filterbank(config: MelConfig) -> np.ndarray:
    """Triangular filters `[n_fft // 2 + 1, n_mels]`; those narrower than a bin may be empty, as in librosa."""
    c = config
    if c.norm == "mean":
        own = FeatureConfig(
            sample_rate=c.sample_rate, n_fft=c.n_fft, n_mels=c.n_mels, f_min_hz=c.f_min_hz, f_max_hz=c.f_max_hz
        )
        return mel_filters(own)
    n_bins = c.n_fft // 2 + 1
    return triangles(n_bins, c.n_mels, c.f_min_hz, c.f_max_hz, c.sample_rate, c.scale, c.norm == "slaney")


def bins_hz(config: MelConfig) -> np.ndarray:
    """Frequencies of the spectrum's bins `[n_fft // 2 + 1]`, Hz."""
    return np.linspace(0, config.sample_rate / 2, config.n_fft // 2 + 1, dtype=np.float32)


def unlog(mel: np.ndarray, config: MelConfig) -> np.ndarray:
    """Values of the bands of a log-mel `[..., n_mels]`, of the same shape, not below the floor."""
    return np.maximum(np.exp(mel * np.float32(config.nats)), np.float32(config.floor))


def relog(bands: np.ndarray, config: MelConfig) -> np.ndarray:
    """The inverse of `unlog`: a log-mel `[..., n_mels]`."""
    return np.log(np.maximum(bands, np.float32(config.floor))) / np.float32(config.nats)


def band_power(bands: np.ndarray, config: MelConfig) -> np.ndarray:
    """Power density of each band, full scale squared a hertz, of values `[..., n_mels]`; 0 where a filter is empty."""
    gain = _gain(config)
    means = np.divide(bands, gain, out=np.zeros_like(bands), where=np.broadcast_to(gain > 0, bands.shape))
    return means ** (2 // config.power) / np.float32(_noise(config))


def power_bands(density: np.ndarray, config: MelConfig) -> np.ndarray:
    """The inverse of `band_power`, `[..., n_mels]`; 0 where a filter is empty."""
    return _as_magnitude(density, config) * _gain(config)


def spectrum_bands(power: np.ndarray, config: MelConfig) -> np.ndarray:
    """Values of the bands `[..., n_mels]` of a power density `[..., bins]`, full scale squared a hertz."""
    return _as_magnitude(power, config) @ filterbank(config) * np.float32(_window(config))


def spectrum(bands: np.ndarray, config: MelConfig) -> np.ndarray:
    """A power density `[..., bins]`, full scale squared a hertz, whose bands are `bands` `[..., n_mels]`.

    Of all that fit, one near the smooth curve through the bands' means: the curve is multiplied by what the bands
    still lack, filtered back (Richardson, 1972; Lucy, 1974; Lee & Seung, 2001), so nothing becomes negative.
    Beyond the outer bands it is held.
    """
    gain = _gain(config)
    full = gain > 0
    means = np.maximum(bands[..., full] / gain[full], np.float32(LEAST))
    filters = filterbank(config)[:, full]
    filters = filters / filters.sum(0)
    covered = filters.sum(1)
    inside = covered > 1e-6
    found = _smooth(means, filters, bins_hz(config))
    for _ in range(N_ITERATIONS):
        lack = means / (found @ filters)
        better = found * (lack @ filters.T) / np.maximum(covered, np.float32(1e-6))
        found = np.maximum(np.where(inside, better, found), np.float32(LEAST))
    return found ** (2 // config.power) / np.float32(_noise(config))


def _smooth(means: np.ndarray, filters: np.ndarray, hz: np.ndarray) -> np.ndarray:
    """Interpolate the bands' logarithms linearly between the filters' centres."""
    centres = hz @ filters
    above = np.clip(np.searchsorted(centres, hz), 1, len(centres) - 1)
    weight = np.clip((hz - centres[above - 1]) / (centres[above] - centres[above - 1]), 0, 1)
    log = np.log(means)
    return np.exp(log[..., above - 1] * (1 - weight) + log[..., above] * weight)


def _as_magnitude(density: np.ndarray, config: MelConfig) -> np.ndarray:
    """What the filters sum, of noise of a power density `[..., n]`."""
    power = density * np.float32(_noise(config))
    return np.sqrt(power) if config.power == 1 else power


def _window_power(config: MelConfig) -> float:
    return float(np.square(hann(config.win_length)).sum())


def _window(config: MelConfig) -> float:
    """What the window does to a magnitude or power."""
    return 1.0 if config.window_norm else _window_power(config) ** (config.power / 2)


def _gain(config: MelConfig) -> np.ndarray:
    """Value of each band `[n_mels]` for a spectrum of magnitude 1 before the window."""
    return filterbank(config).sum(0) * np.float32(_window(config))


def _noise(config: MelConfig) -> float:
    """Squared mean magnitude, or mean power, of noise whose density is 1 full scale squared a hertz."""
    return config.sample_rate * (MAGNITUDE if config.power == 1 else 1.0)
