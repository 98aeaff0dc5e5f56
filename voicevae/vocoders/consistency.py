"""Analysis by synthesis: a wave is corrected until its own features are the requested ones.

The output of a source and a filter has the requested mel only on average: noise is uneven, and partials beat. As in
Griffin-Lim, the spectrum is corrected and made a wave again; but the correction is of the harmonic-free mel, so that
the pitch stays free.
"""

from collections.abc import Callable

import numpy as np

from voicevae.features import FeatureConfig
from voicevae.features.mel import POWER_FLOOR, mel_filters, mel_to_bins, mel_widths, smooth_over_f0
from voicevae.features.stft import blocks, hann, istft, square_of, stft, weight
from voicevae.units import NATS_PER_DB
from voicevae.vocoders.excitation import LEAST_HZ

LIMIT = 9.0  # nats of power that one correction may add or take
# F0 from which on, by a cross-fade, a frame has the level asked for rather than the mel. Harmonics of a raised voice
# are as far apart as formants: they hit or miss one, and would be 6 dB louder, or 30 dB softer, than the mel asks for.
SPARSE_HZ = (150.0, 300.0)


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
    analysed = analysis(wave, features)

    def spectrum(span: slice) -> np.ndarray:
        return nearer(analysed(span), mel[span], f0_hz[span], voiced[span], loudness_db[span], features)

    return synthesis(spectrum, len(mel), features)


def nearer(
    found: np.ndarray,
    mel: np.ndarray,
    f0_hz: np.ndarray,
    voiced: np.ndarray,
    loudness_db: np.ndarray,
    features: FeatureConfig,
) -> np.ndarray:
    """Spectra `found` `[T, bins]`, as `analysis` gives them, times the gain that brings their mel nearer to `mel`.

    They are changed in place; the other arguments are those of `corrected`.
    """
    f = features
    # The width that the pulses have.
    width = np.where(voiced, np.clip(f0_hz, LEAST_HZ, f.sample_rate / 4), f.unvoiced_width_hz).astype(np.float32)
    first = (width * f.n_fft / f.sample_rate).astype(int)
    wanted = mel + (NATS_PER_DB * loudness_db).astype(np.float32)[:, None]
    sparse = np.where(voiced, np.clip((f0_hz - SPARSE_HZ[0]) / (SPARSE_HZ[1] - SPARSE_HZ[0]), 0, 1), 0)
    sparse = sparse.astype(np.float32)
    to_bins = np.float32(0.5) * mel_to_bins(f)[: f.n_mels]
    power = square_of(found) / np.square(hann(f.win_length)).sum()
    smooth = smooth_over_f0(power, width, f)
    shown = np.log(np.maximum(smooth, np.float32(POWER_FLOOR)) @ mel_filters(f))
    gain = np.exp(_held(np.clip(wanted - shown, -LIMIT, LIMIT) @ to_bins, first))
    rows = sparse > 0
    if rows.any():
        missing = _missing(wanted[rows], shown[rows], power[rows], gain[rows], mel_widths(f))
        gain[rows] *= np.exp(np.float32(0.5) * sparse[rows] * missing)[:, None]
    found *= gain
    return found


def analysis(wave: np.ndarray, features: FeatureConfig) -> Callable[[slice], np.ndarray]:
    """Spectra `[n, bins]` of a span of the frames of `wave` `[T * hop_length]`; frame `t` is centred on sample
    `t * hop_length`."""
    f = features
    padded = np.pad(wave, (f.win_length // 2, f.win_length - f.win_length // 2))
    return lambda span: stft(
        padded[span.start * f.hop_length :], span.stop - span.start, f.win_length, f.hop_length, f.n_fft
    )


def synthesis(spectrum: Callable[[slice], np.ndarray], n_frames: int, features: FeatureConfig) -> np.ndarray:
    """Wave `[T * hop_length]` of the spectra of spans of frames, by least squares; one more frame, that is silent,
    fades the end."""
    f, norm = features, weight(n_frames + 1, features.win_length, features.hop_length)
    total = np.zeros_like(norm)
    for span in blocks(n_frames):
        made = istft(spectrum(span), f.win_length, f.hop_length, f.n_fft)
        total[span.start * f.hop_length :][: len(made)] += made
    middle = slice(f.win_length // 2, f.win_length // 2 + n_frames * f.hop_length)
    return total[middle] / norm[middle]


def _held(gain: np.ndarray, first: np.ndarray) -> np.ndarray:
    """A log gain `[T, bins]`, below the bin `first` `[T]`, where nothing is measured, no more than there."""
    first = np.clip(first, 0, gain.shape[1] - 1)
    low = int(first.max(initial=0))
    limit = gain[np.arange(len(gain)), first][:, None]
    np.minimum(gain[:, :low], limit, out=gain[:, :low], where=np.arange(low) < first[:, None])
    return gain


def _missing(
    wanted: np.ndarray, shown: np.ndarray, power: np.ndarray, gain: np.ndarray, widths: np.ndarray
) -> np.ndarray:
    """By how much a spectrum `power` `[T, bins]` that is `shown` `[T, n_mels]` is softer than `wanted`, after a `gain`
    `[T, bins]`: nats, `[T]`."""
    asked, held = np.exp(wanted) @ widths, np.exp(shown) @ widths
    before, after = power.mean(1), (power * np.square(gain)).mean(1)
    # The mel holds more than sounds below F0, or less, where noise does: the louder counts.
    levels = [asked, np.maximum(held, before), before, after]
    asked, held, before, after = np.log(np.maximum(levels, np.float32(POWER_FLOOR)))
    return np.clip(asked - held - (after - before), -LIMIT, LIMIT)
