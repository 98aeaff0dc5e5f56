"""Analysis by synthesis: a wave is corrected until its own features are the requested ones.

The output of a source and a filter has the requested mel only on average: noise is uneven, and partials beat. As in
Griffin-Lim, the spectrum is corrected and made a wave again; but the correction is of the harmonic-free mel, so that
the pitch stays free.
"""

from collections.abc import Callable

import numpy as np

from voicevae.features import FeatureConfig
from voicevae.features.mel import POWER_FLOOR, mel_filters, mel_to_bins, smooth_over_f0
from voicevae.features.stft import blocks, hann, istft, square_of, stft, weight
from voicevae.units import NATS_PER_DB
from voicevae.vocoders.excitation import LEAST_HZ

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
    f, analysed = features, analysis(wave, features)
    # The width that the pulses have.
    width = np.where(voiced, np.clip(f0_hz, LEAST_HZ, f.sample_rate / 4), f.unvoiced_width_hz).astype(np.float32)
    first = (width * f.n_fft / f.sample_rate).astype(int)
    wanted = mel + (NATS_PER_DB * loudness_db).astype(np.float32)[:, None]
    to_bins = np.float32(0.5) * mel_to_bins(f)[: f.n_mels]

    def spectrum(span: slice) -> np.ndarray:
        found = analysed(span)
        power = square_of(found) / np.square(hann(f.win_length)).sum()
        smooth = smooth_over_f0(power, width[span], f)
        shown = np.log(np.maximum(smooth, np.float32(POWER_FLOOR)) @ mel_filters(f))
        gain = np.clip(wanted[span] - shown, -LIMIT, LIMIT) @ to_bins
        found *= np.exp(_held(gain, first[span]))
        return found

    return synthesis(spectrum, len(mel), f)


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
