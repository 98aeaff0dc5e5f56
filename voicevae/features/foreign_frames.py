"""Frames for the VAE from a mel of any configuration and an F0."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.errors import VoiceVAEError
from voicevae.features import VOICED, FeatureConfig, Frames
from voicevae.features.foreign_mel import as_array, at_times, move_bins
from voicevae.features.foreign_spectrum import spectrum, unlog
from voicevae.features.mel import POWER_FLOOR, harmonicity, mel_filters, smooth_over_f0
from voicevae.features.mel_config import MelConfig, ordinary

BLOCK_FRAMES = 100  # fits a processor's cache
HARMONICITY_FALL = 0.6  # typical of voiced speech
OCTAVE = 2.0  # beyond the range of our F0, where values cannot be F0 in Hz


@dataclass(frozen=True)
class Pitch:
    """F0 at `times` `[T]` (s): `log_f0` `[T]`, ln Hz, interpolated where unvoiced, and `voicing` `[T]`, 0..1."""

    times: np.ndarray
    log_f0: np.ndarray
    voicing: np.ndarray

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log-F0 (ln Hz) and voicing at other `times` `[T']` (s), float32 `[T']` each."""
        log_f0, voicing = (np.interp(times, self.times, x) for x in (self.log_f0, self.voicing))
        return log_f0.astype(np.float32), voicing.astype(np.float32)


def pitch_of(f0_hz: Any, times: np.ndarray, features: FeatureConfig) -> Pitch:
    """`Pitch` of F0 in Hz at `times`, one a frame `[T]`, 0 where unvoiced.

    Raises:
        VoiceVAEError: another number of frames, NaN, or values that are no F0 in Hz.
    """
    f0 = as_array(f0_hz, "f0_hz")
    if f0.shape != times.shape:
        raise VoiceVAEError(f"f0_hz has shape {list(f0.shape)}, but the mel has {len(times)} frames; give one F0 each.")
    if not np.isfinite(f0).all():
        raise VoiceVAEError("f0_hz holds NaN or infinity; give 0 where unvoiced.")
    low, high = features.f0_min_hz / OCTAVE, features.f0_max_hz * OCTAVE
    voiced = f0 != 0
    wrong = np.flatnonzero(voiced & ((f0 < low) | (f0 > high)))
    if len(wrong):
        raise VoiceVAEError(
            f"f0_hz is {f0[wrong[0]]:.4g} in frame {wrong[0]}; give Hz, {low:g} to {high:g}, not logarithms "
            "or normalised values, and 0 where unvoiced."
        )
    if not voiced.any():
        middle = np.log(np.sqrt(features.f0_min_hz * features.f0_max_hz))
        return Pitch(times, np.full(len(times), middle), np.zeros(len(times)))
    log_f0 = np.interp(times, times[voiced], np.log(f0[voiced]))
    return Pitch(times, log_f0, voiced.astype(float))


def foreign_frames(mel: np.ndarray, config: MelConfig, pitch: Pitch, features: FeatureConfig, n_samples: int) -> Frames:
    """`Frames` of `n_samples` of sound at our rate, from a log-mel `[T, n_mels]` of `config`.

    The spectrum that has these bands is smoothed over F0 as that of a recording is. Both are done where the mel's
    frames stand; then frames are interpolated.
    """
    source_times = config.times(len(mel))
    blocks = [
        _harmonic_free(mel[i : i + BLOCK_FRAMES], config, *pitch.at(source_times[i : i + BLOCK_FRAMES]), features)
        for i in range(0, len(mel), BLOCK_FRAMES)
    ]
    times = ordinary(features).times(features.n_frames(n_samples))
    values = at_times(np.concatenate(blocks), source_times, times)
    return Frames(values[:, :-1], *pitch.at(times), values[:, -1])


def _harmonic_free(
    mel: np.ndarray, config: MelConfig, log_f0: np.ndarray, voicing: np.ndarray, features: FeatureConfig
) -> np.ndarray:
    """Harmonic-free mel and, as the last column, loudness `[T, n_channels + 1]`: see `features.mel.harmonic_free`."""
    density = move_bins(spectrum(unlog(mel, config), config), config, ordinary(features))
    power = density * np.float32(features.sample_rate)
    f0_hz, voiced = np.exp(log_f0), voicing >= VOICED
    width = np.where(voiced, f0_hz, features.unvoiced_width_hz)
    smooth = np.maximum(smooth_over_f0(power, width, features), np.float32(POWER_FLOOR))
    level = smooth.mean(1, keepdims=True)
    parts = [np.log((smooth / level) @ mel_filters(features))]
    if features.n_harmonicity:
        parts.append(_continued(harmonicity(power, f0_hz, voiced, features)))
    return np.concatenate([*parts, 10 * np.log10(level)], 1)


def _continued(bands: np.ndarray) -> np.ndarray:
    """Harmonicity `[T, n]` that does not end where the mel's filters become wider than the harmonics' distance, which
    is near 1.5 kHz: in the upper half it falls to no less than `HARMONICITY_FALL` of the band below."""
    n = bands.shape[1]
    for band in range(n // 2, n):
        bands[:, band] = np.maximum(bands[:, band], HARMONICITY_FALL * bands[:, band - 1])
    return bands
