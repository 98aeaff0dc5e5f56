"""Log-mel spectra: ordinary, and harmonic-free.

A voiced sound's spectrum is its envelope times a comb of harmonics. Averaging the power spectrum
over a window exactly one F0 wide cancels the comb and leaves the envelope: the smoothing idea of
STRAIGHT (Kawahara et al., 1999) and CheapTrick (Morise, 2015), done here before the mel filters.
What the average hides, how deep the comb was, is kept in a few broad bands: harmonicity.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from voicevae.features.config import FeatureConfig
from voicevae.features.filterbank import hz_to_mel, mel_to_hz, triangles
from voicevae.features.stft import hann, runs, square_of, stft

POWER_FLOOR = 1e-10  # of full scale: -100 dB
HARMONICITY_LIMIT = 0.98  # of a correlation: 4.6 nats


@lru_cache(maxsize=8)
def mel_filters(config: FeatureConfig) -> np.ndarray:
    """Triangular filters of unit area `[n_fft // 2 + 1, n_mels]`, on the HTK mel scale."""
    filters = _triangles(config)
    return filters / filters.sum(0)


@lru_cache(maxsize=8)
def mel_widths(config: FeatureConfig) -> np.ndarray:
    """Share of the frequencies that each band stands for `[n_mels]`: `exp(mel) @ mel_widths` is the mean power."""
    widths = _triangles(config).sum(0)
    return widths / widths.sum()


def _triangles(config: FeatureConfig) -> np.ndarray:
    filters = triangles(config.n_fft // 2 + 1, config.n_mels, config.f_min_hz, config.f_max_hz, config.sample_rate)
    # A filter narrower than a bin would be empty: it takes its nearest bin instead.
    centres = mel_centres_hz(config) * config.n_fft / config.sample_rate
    empty = np.flatnonzero(filters.sum(0) == 0)
    filters[np.round(centres[empty]).astype(int), empty] = 1.0
    return filters


@lru_cache(maxsize=8)
def mel_centres_hz(config: FeatureConfig) -> np.ndarray:
    """Centre frequency of each mel band `[n_mels]`, Hz (HTK mel scale)."""
    low, high = (hz_to_mel(hz) for hz in (config.f_min_hz, config.f_max_hz))
    return mel_to_hz(np.linspace(low, high, config.n_mels + 2)[1:-1]).astype(np.float32)


@lru_cache(maxsize=8)
def mel_to_bins(features: FeatureConfig) -> np.ndarray:
    """Linear interpolation in frequency, `[n_channels, bins]`; the end bands are held outwards, harmonicity is none."""
    if not 2 <= features.n_mels <= features.n_channels:
        raise ValueError(f"{features.n_mels} mel bands and {features.n_harmonicity} of harmonicity")
    centres = mel_centres_hz(features)
    bins_hz = np.linspace(0, features.sample_rate / 2, features.n_fft // 2 + 1, dtype=np.float32)
    above = np.clip(np.searchsorted(centres, bins_hz), 1, features.n_mels - 1)
    weight = np.clip((bins_hz - centres[above - 1]) / (centres[above] - centres[above - 1]), 0, 1)
    matrix = np.zeros((features.n_channels, len(bins_hz)), np.float32)
    columns = np.arange(len(bins_hz))
    matrix[above - 1, columns] += 1 - weight
    matrix[above, columns] += weight
    return matrix


def power_spectrum(wave: np.ndarray, config: FeatureConfig, centred: bool = True) -> np.ndarray:
    """Power spectrum `[T, n_fft // 2 + 1]` of `wave` `[n]`, scaled so that white noise of unit variance has power 1 in
    every bin. `centred` pads with zeros so that frame `t` is centred on sample `t * hop_length`."""
    if centred:
        wave = np.pad(wave, config.n_fft // 2)
    n_frames, before = (len(wave) - config.n_fft) // config.hop_length + 1, (config.n_fft - config.win_length) // 2
    spectrum = stft(wave[before:], n_frames, config.win_length, config.hop_length, config.n_fft)
    return square_of(spectrum) / np.square(hann(config.win_length)).sum()


def smooth_over_f0(power: np.ndarray, width_hz: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Average each frame's spectrum over a window `width_hz` wide, centred on each bin.

    Args:
        power: `[T, bins]`.
        width_hz: `[T]`, the F0 of voiced frames.

    Returns:
        `[T, bins]`. Equally spaced harmonics of equal power, `width_hz` apart, come out flat, and below the first one
        the value at `width_hz` is held.
    """
    bins = power.shape[1]
    half = width_hz.astype(np.float32) * np.float32(config.n_fft / config.sample_rate / 2)
    pad = int(np.ceil(half.max())) + 1
    # Mirror both ends, as the spectrum of a real signal is even about 0 and about Nyquist.
    mirrored = np.concatenate([power[:, pad:0:-1], power, power[:, -2 : -pad - 3 : -1]], 1)
    # Sums in float64: the difference of two long float32 sums would drown the quiet bins.
    total = np.zeros((len(power), mirrored.shape[1] + 1))
    np.cumsum(mirrored, 1, dtype=np.float64, out=total[:, 1:])
    middle = pad + np.float32(0.5)
    smooth = _area(mirrored, total, middle - half, middle + half, bins) / (2 * half)[:, None]
    # Below the first harmonic a voiced spectrum shows nothing: hold the value found there.
    first = np.ceil(2 * half).astype(int)
    held = _held(total, middle + half, middle + 3 * half) / (2 * half)
    low = int(first.max(initial=0))
    np.copyto(smooth[:, :low], held.astype(np.float32)[:, None], where=np.arange(low) < first[:, None])
    return smooth


def _area(values: np.ndarray, total: np.ndarray, start: np.ndarray, stop: np.ndarray, n: int) -> np.ndarray:
    """Sums of `values` `[T, m]`, whose running sums are `total` `[T, m + 1]`, between the fractional places `start` and
    `stop` `[T]`, and each of these + 1 .. `n` - 1: `[T, n]`, float32."""
    rows, first, last = np.arange(len(values)), np.floor(start).astype(int), np.floor(stop).astype(int)
    # A row of a view is a run of an array: cheaper than an index for each element.
    sums, own = (runs(x, x.shape[1] - n + 1, n) for x in (total, values))
    area = (sums[rows, last] - sums[rows, first]).astype(np.float32)
    area += own[rows, last] * (stop - last).astype(np.float32)[:, None]
    area -= own[rows, first] * (start - first).astype(np.float32)[:, None]
    return area


def _held(total: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Sum between `start` and `stop` `[T]` of values whose running sums are `total` `[T, m + 1]`: `[T]`."""
    rows, ends = np.arange(len(total)), []
    for place in (start, stop):
        whole = np.floor(place).astype(int)
        before, after = total[rows, whole], total[rows, whole + 1]
        ends.append(before + (place - whole) * (after - before))
    return ends[1] - ends[0]


def ordinary(wave: np.ndarray, config: FeatureConfig, centred: bool = True) -> np.ndarray:
    """Ordinary log-mel `[T, n_mels]`, natural log of power, of `wave` `[n]`."""
    return np.log(np.maximum(power_spectrum(wave, config, centred) @ mel_filters(config), np.float32(POWER_FLOOR)))


def harmonic_free(
    wave: np.ndarray, f0_hz: np.ndarray, voiced: np.ndarray, config: FeatureConfig, centred: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Harmonic-free log-mel without its level, and the level.

    Args:
        wave: `[n]`; f0_hz, voiced: `[T]`.

    Returns:
        mel: `[T, n_channels]`, natural log of power relative to the frame's mean power, and `harmonicity`.
        loudness_db: `[T]`, mean power of the frame over all frequencies, dB of full scale.
    """
    power = power_spectrum(wave, config, centred)
    width = np.where(voiced, f0_hz, config.unvoiced_width_hz)
    smooth = np.maximum(smooth_over_f0(power, width, config), np.float32(POWER_FLOOR))
    level = smooth.mean(1, keepdims=True)
    mel = np.log((smooth / level) @ mel_filters(config))
    if config.n_harmonicity:
        mel = np.concatenate([mel, harmonicity(power, f0_hz, voiced, config)], 1)
    return mel, 10 * np.log10(level[:, 0])


def harmonicity(power: np.ndarray, f0_hz: np.ndarray, voiced: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """How deep the comb of harmonics is in `n_harmonicity` broad bands, spaced as mels are.

    In each band the whitened spectrum is correlated with a cosine of period F0, which is the autocorrelation at one
    period; `2 artanh` of it (Fisher's z) is in nats like the mel, near the log ratio of harmonics to noise.

    Args:
        power: `[T, bins]`; f0_hz, voiced: `[T]`.

    Returns:
        `[T, n_harmonicity]`, 0 where unvoiced.
    """
    found = np.zeros((len(power), config.n_harmonicity), np.float32)
    if not voiced.any():
        return found
    power, f0_hz = power[voiced], f0_hz[voiced].astype(np.float32)
    bins_hz = np.linspace(0, config.sample_rate / 2, power.shape[1], dtype=np.float32)
    comb = np.cos(np.float32(2 * np.pi) * bins_hz / f0_hz[:, None])
    white = power / np.maximum(smooth_over_f0(power, 2 * f0_hz, config), np.float32(POWER_FLOOR))
    bands = mel_filters(replace(config, n_mels=config.n_harmonicity))
    correlation = ((white * comb) @ bands) / np.maximum(white @ bands, np.float32(1e-6))
    found[voiced] = 2 * np.arctanh(np.clip(correlation, -HARMONICITY_LIMIT, HARMONICITY_LIMIT))
    return found
