"""Syllables of speech, found without its words.

A nucleus is a peak of loudness among voiced frames, with a dip before the next (after de Jong & Wempe, 2009), here of
the loudness in the band of vowels. A term for spectral change did not improve the count of syllables, and is left out.
"""

from dataclasses import dataclass

import numpy as np

from voicevae.errors import EditError
from voicevae.features import Contours, FeatureConfig
from voicevae.features.mel import mel_centres_hz
from voicevae.units import DB_PER_NAT

BAND_HZ = (300.0, 3200.0)  # of vowels
SMOOTHING_S = 0.025
DIP_DB = 1.5  # between two nuclei
RANGE_DB = 22.0  # largest distance of a nucleus below the loud frames
SILENCE_DB = 35.0  # below them
MIN_NUCLEUS_S = 0.03


@dataclass(frozen=True)
class Syllable:
    """Frames of one syllable: consonants from `start`, the vowel from `vowel` to `coda`, consonants up to `end`."""

    start: int
    vowel: int
    coda: int
    end: int


def find(mel: np.ndarray, contours: Contours, config: FeatureConfig) -> list[Syllable]:
    """The syllables of speech, in order, of mel `[T, n_channels]` and contours.

    Raises:
        EditError: there is no voiced syllable.
    """
    voiced = contours.voiced
    level = _level(mel, contours.loudness_db, config)
    loud = np.percentile(level, 95)
    smooth = _smooth(level, config)
    silent = _smooth(contours.loudness_db, config) < np.percentile(contours.loudness_db, 95) - SILENCE_DB
    peaks = _peaks(np.where(voiced, smooth, -np.inf), smooth, loud - RANGE_DB)
    peaks = [p for p in peaks if _run(voiced, p) >= MIN_NUCLEUS_S * config.frame_rate]
    if not peaks:
        raise EditError("There is no voiced syllable to sing; give speech.")
    valleys = [0, *(a + int(smooth[a:b].argmin()) for a, b in zip(peaks, peaks[1:], strict=False)), len(level)]
    vowels = [_vowel(smooth, voiced, p, a, b) for p, a, b in zip(peaks, valleys, valleys[1:], strict=False)]
    edges = [(0, vowels[0][0])] + [(one[1], other[0]) for one, other in zip(vowels, vowels[1:], strict=False)]
    edges.append((vowels[-1][1], len(level)))
    cuts = [_cut(silent, a, b, v) for (a, b), v in zip(edges, valleys, strict=True)]
    return [
        Syllable(before[1], vowel, coda, after[0])
        for (vowel, coda), before, after in zip(vowels, cuts, cuts[1:], strict=False)
    ]


def _level(mel: np.ndarray, loudness_db: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Loudness in the vowels' band, `[T]` dB."""
    hz = mel_centres_hz(config)
    band = mel[:, : config.n_mels][:, (hz > BAND_HZ[0]) & (hz < BAND_HZ[1])]
    return loudness_db + DB_PER_NAT * np.log(np.exp(band.astype(np.float64)).mean(1))


def _smooth(values: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """`values` `[T]` smoothed by a Gaussian of `SMOOTHING_S`."""
    std = SMOOTHING_S * config.frame_rate
    at = np.arange(-round(3 * std), round(3 * std) + 1)
    window = np.exp(-0.5 * (at / std) ** 2)
    padded = np.pad(values, len(at) // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), "valid")


def _peaks(candidates: np.ndarray, level: np.ndarray, least: float) -> list[int]:
    """Peaks of `candidates` `[T]` above `least`, each `DIP_DB` above the lowest `level` between it and the next."""
    found: list[int] = []
    for t in range(len(candidates)):
        left, right = candidates[max(t - 1, 0)], candidates[min(t + 1, len(candidates) - 1)]
        if candidates[t] < least or candidates[t] < left or candidates[t] < right:
            continue
        while found:
            dip = level[found[-1] : t + 1].min()
            if min(level[found[-1]], level[t]) - dip >= DIP_DB:
                break
            if level[found[-1]] >= level[t]:
                break
            found.pop()  # one nucleus, of which this is the higher peak
        if not found or min(level[found[-1]], level[t]) - level[found[-1] : t + 1].min() >= DIP_DB:
            found.append(t)
    return found


def _run(voiced: np.ndarray, frame: int) -> int:
    """How many voiced frames in a row `frame` is one of."""
    unvoiced = np.flatnonzero(~voiced)
    after = np.searchsorted(unvoiced, frame)
    start = unvoiced[after - 1] + 1 if after else 0
    return int((unvoiced[after] if after < len(unvoiced) else len(voiced)) - start)


def _vowel(level: np.ndarray, voiced: np.ndarray, peak: int, low: int, high: int) -> tuple[int, int]:
    """First frame, and the one after the last, of the vowel about `peak` between two valleys: voiced, and nearer in
    level to the peak than to the valley."""
    start = end = peak
    rise, fall = (
        (level[peak] + level[low:peak].min(initial=level[peak])) / 2,
        (level[peak] + level[peak:high].min(initial=level[peak])) / 2,
    )
    while start > low and voiced[start - 1] and level[start - 1] >= rise:
        start -= 1
    while end + 1 < high and voiced[end + 1] and level[end + 1] >= fall:
        end += 1
    return start, end + 1


def _cut(silent: np.ndarray, start: int, stop: int, valley: int) -> tuple[int, int]:
    """(end of one syllable, start of the next) between two vowels: both sides of a silence there, or the valley."""
    quiet = start + np.flatnonzero(silent[start:stop])
    if len(quiet):
        return int(quiet[0]), int(quiet[-1]) + 1
    valley = min(max(valley, start), stop)
    return valley, valley
