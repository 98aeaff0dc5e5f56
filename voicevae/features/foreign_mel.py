"""Mels of any configuration: computed, checked, and converted from one configuration to another.

mel = compute_mel(wave, HIFIGAN)
ours = convert_mel(mel, HIFIGAN, ordinary(FeatureConfig()))
"""

import math
from typing import Any

import numpy as np

from voicevae.errors import VoiceVAEError
from voicevae.features.foreign_spectrum import (
    band_power,
    bins_hz,
    filterbank,
    power_bands,
    relog,
    spectrum,
    spectrum_bands,
    unlog,
)
from voicevae.features.mel_config import MelConfig
from voicevae.features.stft import hann, square_of, stft

LOWEST_HZ = 125.0  # speech has little below; common recipes start at 80, 90, 95 or 125 Hz
HIGHEST_SHARE = 0.95  # 7600 of 8000 Hz, as common recipes have it
COARSEST = 2.0  # times the hop, or the width of a band, that is asked for
STRAY_SHARE = 0.05
STRAY_NATS = 2.3  # a prediction may miss the floor, or full scale, by a factor of 10


def compute_mel(wave: np.ndarray, config: MelConfig) -> np.ndarray:
    """Log-mel `[T, n_mels]` of `wave` `[n]`, mono at `config.sample_rate`; the ends are mirrored, as TTS systems do."""
    margin = (config.n_fft - (config.hop_length if config.padding == "same" else 0)) // 2
    if len(wave) <= margin:
        raise VoiceVAEError(f"A wave of {len(wave)} samples is too short for this mel; give more than {margin}.")
    padded = np.pad(np.asarray(wave, np.float32), margin, mode="reflect")
    n_frames, before = (len(padded) - config.n_fft) // config.hop_length + 1, (config.n_fft - config.win_length) // 2
    power = square_of(stft(padded[before:], n_frames, config.win_length, config.hop_length, config.n_fft))
    power /= np.square(hann(config.win_length)).sum() if config.window_norm else np.float32(1)
    return relog((np.sqrt(power) if config.power == 1 else power) @ filterbank(config), config)


def check_mel(mel: Any, config: MelConfig) -> np.ndarray:
    """`mel`, an array or tensor `[T, n_mels]`, as float32 on the CPU.

    Raises:
        VoiceVAEError: it has another shape, is not finite, or its values cannot be what `config` says.
    """
    if not isinstance(config, MelConfig):
        raise VoiceVAEError(f"The mel's configuration is {config!r}; give a MelConfig.")
    found = as_array(mel, "The mel").astype(np.float32)
    shape = list(found.shape)
    if found.ndim == 3 and shape[0] == 1:
        raise VoiceVAEError(f"The mel has shape {shape}; give one without its batch, as [frames, {config.n_mels}].")
    if found.ndim != 2 or 0 in shape:
        raise VoiceVAEError(f"The mel has shape {shape}; give [frames, n_mels].")
    if shape[1] != config.n_mels:
        if shape[0] == config.n_mels:
            raise VoiceVAEError(f"The mel has shape {shape}, which is transposed; give [frames, n_mels], its .T.")
        raise VoiceVAEError(f"The mel has {shape[1]} bands, but n_mels is {config.n_mels}; give the right MelConfig.")
    if not np.isfinite(found).all():
        frame = int(np.flatnonzero(~np.isfinite(found).all(1))[0])
        raise VoiceVAEError(f"The mel holds NaN or infinity, first in frame {frame}; repair it.")
    _check_range(found, config)
    return found


def as_array(values: Any, name: str) -> np.ndarray:
    """A copy, float64, of an array, a torch tensor or lists. Raises VoiceVAEError where there are no numbers."""
    try:
        array = values.detach().cpu().double().numpy() if hasattr(values, "detach") else values
        return np.array(array, np.float64)
    except (TypeError, ValueError, RuntimeError):
        raise VoiceVAEError(
            f"{name} is a {type(values).__name__} without numbers; give an array or a tensor."
        ) from None


def convert_mel(mel: Any, source: MelConfig, target: MelConfig) -> np.ndarray:
    """`mel` `[T, n_mels]` as `target` would have it `[T', n_mels']`.

    Between filters of the same shape each band is converted alone, exactly. Otherwise a spectrum is found that has
    these bands, and filtered anew. Frames are interpolated linearly in the log where they stand elsewhere.
    What is missing at the ends of the frequency range is held from the nearest band.

    Raises:
        VoiceVAEError: as `check_mel`; or `source` does not tell what `target` asks for: the sentence names the field.
    """
    found = check_mel(mel, source)
    check_known(source, target)
    if source == target:
        return found
    bands = unlog(found, source)
    if _same_filters(source, target):
        converted = power_bands(band_power(bands, source), target)
    else:
        converted = spectrum_bands(move_bins(spectrum(bands, source), source, target), target)
    return move_frames(relog(converted, target), source, target)


def check_known(source: MelConfig, target: MelConfig) -> None:
    """Raise VoiceVAEError unless a mel of `source` tells what one of `target` says."""
    if source.f_max_hz < HIGHEST_SHARE * target.f_max_hz:
        _refuse("f_max_hz", source, target, f"at least {HIGHEST_SHARE * target.f_max_hz:g}")
    if source.f_min_hz > max(target.f_min_hz, LOWEST_HZ):
        _refuse("f_min_hz", source, target, f"at most {max(target.f_min_hz, LOWEST_HZ):g}")
    if source.hop_s > COARSEST * target.hop_s * 1.001:
        coarsest = COARSEST * target.hop_s * source.sample_rate
        _refuse("hop_length", source, target, f"at most {coarsest:.0f} at {source.sample_rate} Hz")
    if source.n_mels < target.n_mels / COARSEST:
        _refuse("n_mels", source, target, f"at least {math.ceil(target.n_mels / COARSEST)}")


def move_bins(power: np.ndarray, source: MelConfig, target: MelConfig) -> np.ndarray:
    """Densities `[..., bins]` at the bins of `target`, interpolated linearly in the log; held beyond the last."""
    position = bins_hz(target) / (source.sample_rate / 2) * (source.n_fft // 2)
    before = np.minimum(position.astype(int), source.n_fft // 2 - 1)
    weight = np.minimum(position - before, 1.0).astype(np.float32)
    log = np.log(power)
    return np.exp(log[..., before] * (1 - weight) + log[..., before + 1] * weight)


def move_frames(values: np.ndarray, source: MelConfig, target: MelConfig) -> np.ndarray:
    """Frames `[T, C]` of `source`'s times at those of `target` `[T', C]`, interpolated linearly; held at the ends."""
    if source.hop_s == target.hop_s and source.padding == target.padding:
        return values
    n_samples = round(source.n_samples(len(values)) / source.sample_rate * target.sample_rate)
    times = target.times(max(target.n_frames(n_samples), 1))
    return at_times(values, source.times(len(values)), times)


def at_times(values: np.ndarray, times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Rows of `values` `[T, C]`, which stand at `times` `[T]`, at `wanted` `[T']`, linearly; held at the ends."""
    position = np.interp(wanted, times, np.arange(len(times)))
    before = np.minimum(position.astype(np.int64), max(len(times) - 2, 0))
    after = np.minimum(before + 1, len(times) - 1)
    weight = (position - before).astype(np.float32)[:, None]
    return values[before] * (1 - weight) + values[after] * weight


def _check_range(mel: np.ndarray, config: MelConfig) -> None:
    """A sound within +-1 cannot be louder than this (Cauchy-Schwarz and Parseval), nor anything below the floor."""
    energy = config.n_fft / 2 * (1.0 if config.window_norm else float(np.square(hann(config.win_length)).sum()))
    filters = filterbank(config)
    loudest = np.linalg.norm(filters, axis=0).max() * math.sqrt(energy) if config.power == 1 else filters.max() * energy
    high = (math.log(loudest) + STRAY_NATS) / config.nats
    low = (math.log(config.floor) - STRAY_NATS) / config.nats
    if float((mel.max(1) > high).mean()) > STRAY_SHARE:
        raise VoiceVAEError(
            f"The mel goes up to {float(mel.max()):.1f}, but full scale is about {high - STRAY_NATS / config.nats:.1f} "
            "with this MelConfig; look at its log, power and norm, and undo any normalisation."
        )
    if float((mel < low).mean()) > STRAY_SHARE:
        raise VoiceVAEError(
            f"The mel goes down to {float(mel.min()):.1f}, but its floor is {math.log(config.floor) / config.nats:.1f} "
            "with this MelConfig; look at its log and floor, and undo any normalisation."
        )


def _same_filters(source: MelConfig, target: MelConfig) -> bool:
    """But for a factor a band."""
    a, b = (
        (c.sample_rate, c.n_fft, c.n_mels, c.f_min_hz, c.f_max_hz, c.scale, c.norm == "mean") for c in (source, target)
    )
    return a == b


def _refuse(field: str, source: MelConfig, target: MelConfig, wanted: str) -> None:
    raise VoiceVAEError(
        f"The mel's {field} is {getattr(source, field):g} where {getattr(target, field):g} is asked for, "
        f"and the missing part cannot be restored; give a mel with {field} {wanted}."
    )
