"""Triangular filters on a mel scale: HTK's formula (The HTK Book, 5.4) or Slaney's (Auditory Toolbox, 1998).

The same numbers as torchaudio's `melscale_fbanks` and, in float32, librosa's `filters.mel`.
"""

import math

import numpy as np

SLANEY_HZ_PER_MEL = 200 / 3  # below `SLANEY_BREAK_HZ`, above which the scale is logarithmic
SLANEY_BREAK_HZ = 1000.0
SLANEY_LOG_STEP = math.log(6.4) / 27


def hz_to_mel(hz: float, scale: str = "htk") -> float:
    """Mels of a frequency in Hz; `scale` is "htk" or "slaney".

    >>> round(hz_to_mel(1000.0)), round(hz_to_mel(1000.0, "slaney"))
    (1000, 15)
    """
    if scale == "htk":
        return 2595 * math.log10(1 + hz / 700)
    if hz < SLANEY_BREAK_HZ:
        return hz / SLANEY_HZ_PER_MEL
    return SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL + math.log(hz / SLANEY_BREAK_HZ) / SLANEY_LOG_STEP


def mel_to_hz(mels: np.ndarray, scale: str = "htk") -> np.ndarray:
    """Frequencies in Hz of `mels` `[n]`; the inverse of `hz_to_mel`."""
    if scale == "htk":
        return 700 * (10 ** (mels / 2595) - 1)
    above = mels - SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL
    return np.where(above < 0, SLANEY_HZ_PER_MEL * mels, SLANEY_BREAK_HZ * np.exp(SLANEY_LOG_STEP * above))


def triangles(
    n_bins: int,
    n_mels: int,
    f_min_hz: float,
    f_max_hz: float,
    sample_rate: int,
    scale: str = "htk",
    unit_area: bool = False,
) -> np.ndarray:
    """Filters `[n_bins, n_mels]` with peak 1, or area 1 over Hz ("slaney" normalisation) if `unit_area`.

    Bins are evenly spaced from 0 to half of `sample_rate` (Hz). A filter narrower than a bin may be empty.
    """
    bins_hz = np.linspace(0, sample_rate // 2, n_bins)
    corners = mel_to_hz(np.linspace(hz_to_mel(f_min_hz, scale), hz_to_mel(f_max_hz, scale), n_mels + 2), scale)
    widths = np.diff(corners)
    offsets = corners - bins_hz[:, None]
    filters = np.maximum(np.minimum(-offsets[:, :-2] / widths[:-1], offsets[:, 2:] / widths[1:]), 0)
    return (filters * (2 / (corners[2:] - corners[:-2])) if unit_area else filters).astype(np.float32)
