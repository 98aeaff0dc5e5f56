"""The source-filter vocoder: an explicit source made from F0, filtered by a network.

A frame-rate ConvNeXt network predicts a complex gain for the spectrum of the pulses and a real gain for that of the
noise; one inverse STFT makes the sound (the idea of Vocos, Siuzdak 2023, made pitch-exact by an explicit source). The
gains start from the mel's envelope at minimum phase, so that the network learns only what the envelope lacks. Then the
wave's mel is corrected towards the requested one (`consistency`), in training as in use.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from voicevae.features import VOICED, FeatureConfig
from voicevae.features.mel import mel_to_bins
from voicevae.units import NATS_PER_DB
from voicevae.vocoders.checks import check_frames
from voicevae.vocoders.consistency import analysis, corrected, reach, synthesis
from voicevae.vocoders.excitation import pulse_train, white_noise

CHUNK_FRAMES = 500  # 6 s: bounds the memory
# What the network is told of higher F0: of voices that were raised it knows little, and answers with noise.
KNOWN_F0_HZ = 165.0
SHARPENING = 2.0  # nats of power that the network may add to a band, or take
LIMITS = (-8.0, 4.0)  # of its log gains

Filters = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""The network: mel `[T, n_channels]` and `[T, 3]` of the source to log gain and angle of the pulses, log gain of the
noise (bins each), and sharpening (n_mels), `[T, 3 bins + n_mels]`."""


@dataclass(frozen=True)
class VocoderConfig:
    """Width and depth of the network, where `channels * expansion` is the width of the pointwise layers, and how often
    the wave is corrected."""

    channels: int = 256
    blocks: int = 5
    kernel_size: int = 5
    expansion: int = 3
    corrections: int = 2

    @property
    def reach(self) -> int:
        """Frames that what the network says of one depends on, each side."""
        return (self.blocks + 1) * (self.kernel_size // 2)


def look_ahead(features: FeatureConfig, config: VocoderConfig) -> int:
    """Frames after a sample that it depends on."""
    return config.reach + (1 + config.corrections) * reach(features) + 1


class Vocoder:
    """mel and contours -> wave, with a network.

    Loudness enters the network only as its change from frame to frame, and the sound as a gain: a louder frame is the
    same frame, louder.
    """

    def __init__(self, features: FeatureConfig, config: VocoderConfig, network: Filters) -> None:
        self.features, self.config, self.network = features, config, network
        self.look_ahead = look_ahead(features, config)

    def synthesize(self, mel: np.ndarray, contours: np.ndarray, seed: int = 0) -> Iterator[np.ndarray]:
        """Blocks of the wave of one recording, in bounded memory; the samples do not depend on the chunking.

        Args:
            mel: `[T, n_channels]`, as `features.mel.harmonic_free` gives it.
            contours: `[T, 3]`: log-F0 (ln Hz), voicing (0..1), loudness (dB of full scale).
            seed: random seed of the unvoiced noise.

        Raises:
            VoiceVAEError: unusable frames; the sentence names the field.
        """
        check_frames(mel, contours, self.features.n_channels)
        hop, context, n_frames = self.features.hop_length, self.look_ahead, len(mel)
        phase = 0.0
        for start in range(0, n_frames, CHUNK_FRAMES):
            stop = min(start + CHUNK_FRAMES, n_frames)
            first, last = max(start - context, 0), min(stop + context, n_frames)
            noise = white_noise(first * hop, (last - first) * hop, seed)
            wave, phases = self.wave(mel[first:last], contours[first:last], noise, phase)
            phase = float(phases[min(max(stop - context, 0), n_frames - 1) - first])
            yield wave[(start - first) * hop : (stop - first) * hop]

    def wave(
        self, mel: np.ndarray, contours: np.ndarray, noise: np.ndarray, phase: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Wave `[T * hop_length]` of frames as in `synthesize`, and the phases `[T]` of the pulses.

        Args:
            noise: `[T * hop_length]`, white, unit variance.
            phase: of the pulses at the first sample, in periods.
        """
        log_f0, voicing, loudness_db = contours.astype(np.float32).T
        f, voiced = self.features, voicing >= VOICED
        mel = mel.astype(np.float32)
        pulses, phases = pulse_train(log_f0, voiced, f.hop_length, f.sample_rate, phase)
        filters = self.filters(mel, contours)
        source, breath = analysis(pulses, f), analysis(noise, f)

        def spectrum(span: slice) -> np.ndarray:
            pulse_gain, noise_gain = self.gains(filters[span], mel[span], loudness_db[span])
            made = source(span)
            made *= pulse_gain
            made += noise_gain * breath(span)
            return made

        wave = synthesis(spectrum, len(mel), f)
        wanted = self.wanted(filters, mel)
        for _ in range(self.config.corrections):
            wave = corrected(wave, wanted, np.exp(log_f0), voiced, loudness_db, f)
        return wave, phases

    def filters(self, mel: np.ndarray, contours: np.ndarray) -> np.ndarray:
        """What the network says of mel `[T, n_channels]` and contours `[T, 3]`: `[T, 3 bins + n_mels]`."""
        return self.network(mel, told(contours))

    def wanted(self, filters: np.ndarray, mel: np.ndarray) -> np.ndarray:
        """Bands `[T, n_mels]` that the wave shall have: those of `mel`, sharpened as the network says."""
        n_mels = self.features.n_mels
        return mel[:, :n_mels] + np.clip(filters[:, -n_mels:], -SHARPENING, SHARPENING)

    def gains(self, filters: np.ndarray, mel: np.ndarray, loudness_db: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gains `[T, bins]` of the pulses' (complex) and of the noise's spectrum (real), of what the network says."""
        envelope = mel_to_bins(self.features)
        pulse, angle, noise = np.split(filters[:, : 3 * envelope.shape[1]], 3, axis=1)
        level = np.float32(0.5 * NATS_PER_DB) * loudness_db[:, None]
        shape = mel @ (np.float32(0.5) * envelope)
        pulse = shape + np.clip(pulse, *LIMITS)
        angle = minimum_phase(pulse) + angle
        size = np.exp(pulse + level)
        gain = np.empty(size.shape, np.complex64)
        np.multiply(size, np.cos(angle), out=gain.real)
        np.multiply(size, np.sin(angle), out=gain.imag)
        return gain, np.exp(shape + level + np.clip(noise, *LIMITS))


def told(contours: np.ndarray) -> np.ndarray:
    """What the network reads of the source, `[T, 3]`, of contours `[T, 3]`: F0 up to `KNOWN_F0_HZ`, voicing, and the
    change of loudness."""
    log_f0, voicing, loudness_db = contours.astype(np.float32, copy=False).T
    change = np.clip(np.diff(loudness_db, prepend=loudness_db[:1]), -20, 20) / 5
    known = np.minimum(log_f0, np.float32(math.log(KNOWN_F0_HZ)))
    return np.stack([(known - 5) * 2, voicing * 2 - 1, change], 1)


def minimum_phase(log_gain: np.ndarray) -> np.ndarray:
    """Phase in radians `[T, bins]` of the minimum-phase filter with `log_gain` `[T, bins]` (ln of amplitude): the
    folded cepstrum (Oppenheim & Schafer, Discrete-Time Signal Processing, section 13)."""
    cepstrum = np.fft.irfft(log_gain)
    half = cepstrum.shape[1] // 2
    cepstrum[:, 1:half] *= 2
    cepstrum[:, half + 1 :] = 0
    return np.fft.rfft(cepstrum).imag
