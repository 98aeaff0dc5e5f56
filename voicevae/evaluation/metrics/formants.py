"""Formants: does a voice keep its timbre when its pitch is edited?

Two recordings of the same words at the same time, at two pitches. The drift is the warp of frequency, in cents, that
brings the spectral envelope of one onto the other's: +100 says that the formants went up by a semitone, as if by a
vocal tract 6 % shorter. An envelope is a frame's power spectrum averaged over a window one F0 wide, which cancels the
harmonics, and then over the other recording's F0, so that both are equally smooth; in ln of power, on an axis of
log-frequency. There a warp is a shift, and a frame's is the one with the highest Pearson correlation, which sees no
level. The median over the frames voiced in both is the drift.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from voicevae.evaluation.metrics import pitch
from voicevae.features import FeatureConfig
from voicevae.features.mel import POWER_FLOOR, power_spectrum, smooth_over_f0
from voicevae.units import NATS_PER_DB

WINDOW_S = 0.05  # the same whatever the bundle's: three periods of the lowest voice
LOW_HZ, HIGH_HZ = 300.0, 5000.0  # the formants that tell vowels and voices apart
STEP_CENTS = 20  # the peak between steps is found by a parabola
MAX_CENTS = 1000
RANGE_DB = 25.0  # softer frames show the background's envelope


def validate(source: np.ndarray, made: np.ndarray) -> None:
    """Raise ValueError unless both waves are `[n]`, equally long, finite, and hold sound."""
    if np.ndim(source) != 1 or np.shape(source) != np.shape(made):
        raise ValueError("Source and output must have the same shape [n].")
    if not all(np.isfinite(wave).all() and np.any(wave) for wave in (source, made)):
        raise ValueError("Waves must be finite and hold sound.")


def drift_cents(source: np.ndarray, made: np.ndarray, config: FeatureConfig) -> float:
    """How far the formants of `made` `[n]` lie above those of `source` `[n]`, both at `config.sample_rate`, in cents.

    NaN with fewer than ten frames voiced in both; drifts beyond 1000 cents are not found.
    """
    validate(source, made)
    tracks = [pitch.measure(wave, config) for wave in (source, made)]
    n_frames = config.n_frames(len(source))  # the detector gives more of a very short wave
    f0_hz = [np.exp(track.log_f0[:n_frames]) for track in tracks]
    spectra = [_envelopes(source, f0_hz, config), _envelopes(made, f0_hz[::-1], config)]
    level = spectra[0].max(1)
    voiced = (tracks[0].voiced & tracks[1].voiced)[:n_frames]
    used = voiced & (level > level.max() - NATS_PER_DB * RANGE_DB)
    if used.sum() < pitch.MIN_FRAMES:
        return float("nan")
    return float(np.median(warps_cents(spectra[0][used], spectra[1][used])))


def warps_cents(source: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Shift of each envelope of `made` `[T, bands]` above that of `source` `[T, bands]` in cents, `[T]`.

    Bands are `STEP_CENTS` apart.
    """
    most = MAX_CENTS // STEP_CENTS
    match = np.stack([_correlation(source, made, shift) for shift in range(-most, most + 1)], 1)
    best = match[:, 1:-1].argmax(1) + 1
    before, at, after = (match[np.arange(len(match)), best + i] for i in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-12)
    between = np.clip((before - after) / (2 * bend), -0.5, 0.5)
    return STEP_CENTS * (best - most + between)


def evaluate(pairs: Sequence[tuple[np.ndarray, np.ndarray]], config: FeatureConfig) -> dict[str, float]:
    """Drifts of all (source, made) waves `[n]`.

    Returns:
        median_cents, signed; worst_cents, the largest abs; NaN where no pair has enough voiced frames.
    """
    drifts = np.array([drift_cents(source, made, config) for source, made in pairs])
    drifts = drifts[np.isfinite(drifts)]
    if not len(drifts):
        return {"median_cents": float("nan"), "worst_cents": float("nan")}
    return {"median_cents": float(np.median(drifts)), "worst_cents": float(np.abs(drifts).max())}


def _envelopes(wave: np.ndarray, f0_hz: Sequence[np.ndarray], config: FeatureConfig) -> np.ndarray:
    """ln of power `[T, bands]`, at frequencies `STEP_CENTS` apart, smoothed over each `f0_hz` `[T]`, its own first."""
    length = round(WINDOW_S * config.sample_rate)
    config = replace(config, win_length=length, n_fft=2 ** length.bit_length())
    power = power_spectrum(np.asarray(wave, np.float32), config)
    for width_hz in f0_hz:
        power = smooth_over_f0(power, width_hz, config)
    log_power = np.log(np.maximum(power, POWER_FLOOR))
    hz = LOW_HZ * 2 ** (np.arange(0, 1200 * np.log2(HIGH_HZ / LOW_HZ), STEP_CENTS) / 1200)
    position = hz * config.n_fft / config.sample_rate
    below = position.astype(int)
    weight = position - below
    return log_power[:, below] * (1 - weight) + log_power[:, below + 1] * weight


def _correlation(source: np.ndarray, made: np.ndarray, shift: int) -> np.ndarray:
    """Pearson correlation `[T]` of `source` with `made` moved down by `shift` bands, over the bands of both."""
    bands = source.shape[1]
    x, y = source[:, max(0, -shift) : bands - max(0, shift)], made[:, max(0, shift) : bands + min(0, shift)]
    x, y = (part - part.mean(1, keepdims=True) for part in (x, y))
    return (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1) + 1e-12)
