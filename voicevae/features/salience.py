"""What the live F0 network reads of a frame: how salient each pitch is, by spectra of a long and a short window.

Both windows end `LOOK_AHEAD_S` after the frame's centre. On a grid of pitches there are, of each window, the
normalised autocorrelation (Boersma, 1993) and a harmonic comb on the whitened spectrum (after SWIPE, Camacho and
Harris, 2008), and of the long one the whitened spectrum at harmonics (HCQT, Bittner et al., 2017). None depends on the
level.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from voicevae.features.config import FeatureConfig
from voicevae.features.filterbank import triangles

LOOK_AHEAD_S = 0.020
LONG_S, SHORT_S = 0.064, 0.040  # the short one is centred on the frame
BINS_PER_OCTAVE = 36
TOP_HZ = 4000.0  # of what the combs read
HARMONICS = (0.5, 1.0, 2.0, 3.0, 4.0)
COMB_TEETH = 8
ENVELOPE = 10.0  # harmonics, standard deviation of the autocorrelation's low-pass
WHITENING_HZ = 600.0
N_BANDS = 24
WHITE_FLOOR, BAND_FLOOR = 0.1, 1e-4  # below which logarithms of the whitened spectrum and of bands do not fall
FLOOR = 1e-12  # power of a sample; 120 dB below full scale
CHANNELS = 4 + len(HARMONICS)


@dataclass(frozen=True, eq=False)
class Saliences:
    """Of frames `[...]`: pitch `[..., CHANNELS, n_pitches]`, bands `[..., N_BANDS]` (log10 of power, relative to the
    frame's), power_db `[...]` (dB of full scale); float32."""

    pitch: np.ndarray
    bands: np.ndarray
    power_db: np.ndarray


def look_ahead(config: FeatureConfig) -> int:
    """Samples after a frame's centre that it depends on."""
    return round(LOOK_AHEAD_S * config.sample_rate)


def span(config: FeatureConfig) -> int:
    """Samples that a frame depends on; the last is `look_ahead` after its centre."""
    return round(LONG_S * config.sample_rate)


def pitches_hz(config: FeatureConfig) -> np.ndarray:
    """The grid of pitches `[n_pitches]`, Hz, from the lowest F0 to the highest."""
    n = int(np.ceil(BINS_PER_OCTAVE * np.log2(config.f0_max_hz / config.f0_min_hz))) + 1
    return config.f0_min_hz * 2 ** (np.arange(n) / BINS_PER_OCTAVE)


def saliences(samples: np.ndarray, config: FeatureConfig) -> Saliences:
    """Saliences of frames whose samples are `[..., span]`, float32."""
    tables, before = _tables(config), samples.shape[:-1]
    windowed = np.zeros((*before, 2, tables.n_fft), np.float32)
    for i, window in enumerate(tables.windows):
        part, n = samples[..., -len(window) :], len(window)
        np.multiply(part - part.sum(-1, keepdims=True) / np.float32(n), window, out=windowed[..., i, :n])
    spectra = np.abs(np.fft.rfft(windowed)).astype(np.float32, copy=False)
    low = spectra[..., : tables.n_bins]
    power, white = np.square(low), _whitened(spectra, tables)
    pitch = np.empty((*before, CHANNELS, tables.comb.shape[1]), np.float32)
    np.divide(power @ tables.cosine, (power @ tables.envelope + np.float32(FLOOR)) * tables.lag, out=pitch[..., :2, :])
    np.matmul(white, tables.comb, out=pitch[..., 2:4, :])
    lines = np.log(white[..., 0, :] + np.float32(WHITE_FLOOR))
    below = lines.take(tables.harmonic_place, -1)
    above = lines.take(tables.harmonic_place + 1, -1)
    pitch[..., 4:, :] = (below + (above - below) * tables.harmonic_share) * tables.harmonic_there
    energies = np.square(spectra[..., 1, :]) @ tables.bands
    mean = energies.sum(-1, keepdims=True) / np.float32(N_BANDS) + np.float32(FLOOR)
    power_db = 10 * np.log10(np.square(windowed[..., 1, :]).sum(-1) / tables.short_energy + np.float32(FLOOR))
    return Saliences(pitch, np.log10(energies / mean + np.float32(BAND_FLOOR)), power_db)


@dataclass(frozen=True, eq=False)
class _Tables:
    n_fft: int
    windows: tuple[np.ndarray, np.ndarray]  # the long one, the short one
    short_energy: np.float32
    n_bins: int  # of the spectrum, below `TOP_HZ`
    around_first: np.ndarray  # `[n_bins]`, bins that each is whitened by
    around_last: np.ndarray
    envelope: np.ndarray  # `[n_bins, n_pitches]`
    cosine: np.ndarray  # `[n_bins, n_pitches]`, under the envelope
    lag: np.ndarray  # `[2, n_pitches]`, autocorrelation of the windows
    comb: np.ndarray  # `[n_bins, n_pitches]`
    harmonic_place: np.ndarray  # `[len(HARMONICS), n_pitches]`
    harmonic_share: np.ndarray
    harmonic_there: np.ndarray
    bands: np.ndarray


@lru_cache(maxsize=2)
def _tables(config: FeatureConfig) -> _Tables:
    rate = config.sample_rate
    long_window = np.hanning(span(config) + 2)[1:-1].astype(np.float32)
    short_window = np.hanning(round(SHORT_S * rate) + 2)[1:-1].astype(np.float32)
    n_fft = 2 << (span(config) - 1).bit_length()
    hz = np.arange(n_fft // 2 + 1) * rate / n_fft
    n_bins = int(np.searchsorted(hz, TOP_HZ))
    pitches, low = pitches_hz(config), hz[:n_bins, None]
    envelope = np.exp(-0.5 * (low / (ENVELOPE * pitches)) ** 2) * (low > 0.5 * config.f0_min_hz)
    harmonic = low / pitches
    place = np.array(HARMONICS)[:, None] * pitches / hz[1]
    there = place < n_bins - 1
    floor = np.minimum(np.floor(place), n_bins - 2).astype(np.int64)
    bands = triangles(n_fft // 2 + 1, N_BANDS, 0.0, rate / 2, rate)
    reach = round(WHITENING_HZ / 2 / hz[1])
    return _Tables(
        n_fft,
        (long_window, short_window),
        np.square(short_window).sum(),
        n_bins,
        np.maximum(np.arange(n_bins) - reach, 0),
        np.minimum(np.arange(n_bins) + reach + 1, n_bins + reach),
        envelope.astype(np.float32),
        (envelope * np.cos(2 * np.pi * harmonic)).astype(np.float32),
        np.stack([_lag(window, rate / pitches) for window in (long_window, short_window)]),
        _comb(harmonic),
        floor,
        (place - floor).astype(np.float32) * there,
        there.astype(np.float32),
        (bands / np.maximum(bands.sum(0), 1e-6)).astype(np.float32),
    )


def _lag(window: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Normalised autocorrelation of a window `[n]` at `lags` `[n_pitches]` in samples; at least 0.1."""
    whole = np.correlate(window, window, "full")[len(window) - 1 :]
    found = np.interp(lags, np.arange(len(whole)), whole / whole[0], right=0.0)
    return np.maximum(found, 0.1).astype(np.float32)


def _comb(harmonic: np.ndarray) -> np.ndarray:
    """Cosine combs over `harmonic` numbers `[n_bins, n_pitches]`: teeth fall with the square root of their number, and
    each comb has mean 0 and absolute sum 1."""
    inside = (harmonic > 0.25) & (harmonic < COMB_TEETH + 0.25)
    weight = inside / np.sqrt(np.maximum(harmonic, 0.25))
    comb = np.cos(2 * np.pi * harmonic) * weight
    comb -= weight * comb.sum(0) / weight.sum(0)
    return (comb / np.abs(comb).sum(0)).astype(np.float32)


def _whitened(spectra: np.ndarray, tables: _Tables) -> np.ndarray:
    """Magnitude spectra below `TOP_HZ` relative to their means around each bin, `[..., n_bins]`."""
    first, last = tables.around_first, tables.around_last
    total = np.zeros((*spectra.shape[:-1], last[-1] + 1))
    np.cumsum(spectra[..., : last[-1]], -1, out=total[..., 1:])
    around = (total.take(last, -1) - total.take(first, -1)) / (last - first) + np.sqrt(FLOOR)
    return spectra[..., : tables.n_bins] / around.astype(np.float32)
