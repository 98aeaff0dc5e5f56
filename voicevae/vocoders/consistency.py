"""Analysis by synthesis: a wave is corrected until its own features are the requested ones.

The output of a source and a filter has the requested mel only on average: noise is uneven, and partials beat. As in
Griffin-Lim, the spectrum is corrected and made a wave again; but the correction is of the harmonic-free mel, so that
the pitch stays free.
"""

import numpy as np

from voicevae.features import FeatureConfig
from voicevae.features.mel import POWER_FLOOR, mel_filters, mel_to_bins, smooth_over_f0
from voicevae.features.stft import hann, istft, square_of, stft, weight
from voicevae.units import NATS_PER_DB

LIMIT = 9.0  # nats of power that one correction may add or take


def reach(features: FeatureConfig) -> int:
    """Frames on each side that a corrected sample depends on."""
    return -(-features.win_length // features.hop_length)


def corrected(
    wave: np.ndarray,
    mel: np.ndarray,
    f0_hz: np.ndarray,
    voiced: np.ndarray,
    loudness_db: np.ndarray,
    features: FeatureConfig,
) -> np.ndarray:
    """A wave brought nearer to a mel and loudness.

    Args:
        wave: `[T * hop_length]`; frame `t` is centred on sample `t * hop_length`.
        mel: `[T, n_mels]`; f0_hz, voiced (bool), loudness_db: `[T]`, as `features.extract` gives them.
    """
    f = features
    spectrum = centred_stft(wave, f)
    power = square_of(spectrum) / np.square(hann(f.win_length)).sum()
    width = np.where(voiced, np.clip(f0_hz, 20.0, f.sample_rate / 4), f.unvoiced_width_hz)  # as the pulses have it
    smooth = smooth_over_f0(power, width, f)
    shown = np.log(np.maximum(smooth, np.float32(POWER_FLOOR)) @ mel_filters(f))
    wanted = mel + (NATS_PER_DB * loudness_db).astype(np.float32)[:, None]
    gain = np.clip(wanted - shown, -LIMIT, LIMIT) @ (np.float32(0.5) * mel_to_bins(f)[: f.n_mels])
    spectrum *= np.exp(_held(gain, (width * f.n_fft / f.sample_rate).astype(int)))
    return centred_istft(spectrum, f)


def centred_stft(wave: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """`[T * hop_length]` -> `[T, bins]`, frame `t` centred on sample `t * hop_length`."""
    f = features
    padded = np.pad(wave, (f.win_length // 2, f.win_length - f.win_length // 2))
    return stft(padded, len(wave) // f.hop_length, f.win_length, f.hop_length, f.n_fft)


def centred_istft(spectrum: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """`[T, bins]` -> `[T * hop_length]`, by least squares; one more frame, that is silent, fades the end."""
    f, n_frames = features, len(spectrum)
    middle = slice(f.win_length // 2, f.win_length // 2 + n_frames * f.hop_length)
    made = istft(spectrum, f.win_length, f.hop_length, f.n_fft)
    return made[middle] / weight(n_frames + 1, f.win_length, f.hop_length)[middle]


def _held(gain: np.ndarray, first: np.ndarray) -> np.ndarray:
    """A log gain `[T, bins]`, below the bin `first` `[T]`, where nothing is measured, no more than there."""
    first = np.clip(first, 0, gain.shape[1] - 1)
    low = int(first.max(initial=0))
    limit = gain[np.arange(len(gain)), first][:, None]
    np.minimum(gain[:, :low], limit, out=gain[:, :low], where=np.arange(low) < first[:, None])
    return gain
