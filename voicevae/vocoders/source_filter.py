"""The source-filter vocoder: an explicit source made from F0, filtered by what a network reads in the frames.

A frame-rate ConvNeXt network predicts a complex gain for the spectrum of the pulses and a real gain for the noise's;
one inverse STFT makes the sound (the idea of Vocos, Siuzdak 2023, made pitch-exact by an explicit source).
The gains start from the mel's own envelope at minimum phase, so that the network learns only what the envelope lacks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from voicevae.features import FeatureConfig
from voicevae.features.mel import mel_centres_hz
from voicevae.models.blocks import Stack
from voicevae.vocoders.excitation import pulse_train, white_noise

CHUNK_FRAMES = 800  # 10 s
LN_PER_DB = 0.1151292546497023  # ln of amplitude


@dataclass(frozen=True)
class VocoderConfig:
    """Width and depth of the network; `channels * expansion` is the width of the pointwise layers."""

    channels: int = 256
    blocks: int = 5
    kernel_size: int = 5
    expansion: int = 3


class SourceFilter(nn.Module):
    """mel and contours -> wave.

    Loudness enters the network only as its change from frame to frame, and the sound as a plain gain: a louder
    frame is the same frame, louder.
    """

    mel_mean: Tensor
    mel_std: Tensor
    envelope: Tensor
    window: Tensor

    def __init__(self, features: FeatureConfig, config: VocoderConfig) -> None:
        super().__init__()
        self.features, self.config = features, config
        bins = features.n_fft // 2 + 1
        self.register_buffer("mel_mean", torch.zeros(features.n_mels))
        self.register_buffer("mel_std", torch.ones(features.n_mels))
        self.register_buffer("envelope", _mel_to_bins(features), persistent=False)
        self.register_buffer("window", torch.hann_window(features.win_length), persistent=False)
        kernel = config.kernel_size
        self.enter = nn.Conv1d(features.n_mels + 3, config.channels, kernel, padding=kernel // 2)
        self.stack = Stack(config.blocks, config.channels, kernel, config.expansion)
        self.norm = nn.LayerNorm(config.channels)
        self.leave = nn.Linear(config.channels, 3 * bins)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        with torch.no_grad():
            self.leave.bias[2 * bins :] = -1.0  # voiced speech is mostly pulses

    @property
    def look_ahead(self) -> int:
        """Frames after a sample that it depends on."""
        overlap = -(-self.features.n_fft // self.features.hop_length) + 1
        return self.stack.look_ahead + self.config.kernel_size // 2 + overlap

    def forward(
        self, mel: Tensor, contours: Tensor, noise: Tensor, phase: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Wave from frames.

        Args:
            mel: `[B, T, n_mels]`, harmonic-free, natural log of power relative to the level.
            contours: `[B, T, 3]`: log-F0 (ln Hz), voicing (0..1), loudness (dB of full scale).
            noise: `[B, T * hop_length]`, white, unit variance.
            phase: `[B]`, of the pulses at the first sample, in periods.

        Returns:
            wave: `[B, T * hop_length]`; phases: `[B, T]`, as `pulse_train` gives them.
        """
        log_f0, voicing, loudness_db = contours.unbind(-1)
        hop = self.features.hop_length
        gate = (voicing >= 0.5).to(mel.dtype)
        pulses, phases = pulse_train(log_f0, gate, hop, self.features.sample_rate, phase)
        pulse_gain, noise_gain = self._gains(mel, log_f0, voicing, loudness_db)
        spectrum = pulse_gain * self._stft(pulses) + noise_gain * self._stft(noise)
        return self._istft(spectrum, mel.shape[1] * hop), phases

    def _gains(self, mel: Tensor, log_f0: Tensor, voicing: Tensor, loudness_db: Tensor) -> tuple[Tensor, Tensor]:
        """Gains `[B, bins, T]` of the pulses' (complex) and of the noise's spectrum (real)."""
        change = torch.diff(loudness_db, dim=1, prepend=loudness_db[:, :1]).clamp(-20, 20) / 5
        extra = torch.stack([(log_f0 - 5.0) * 2, voicing * 2 - 1, change], -1)
        x = torch.cat([(mel - self.mel_mean) / self.mel_std, extra], -1)
        x = self.enter(x.transpose(1, 2)).transpose(1, 2)
        pulse, angle, noise = self.leave(self.norm(self.stack(x))).float().chunk(3, -1)
        with torch.autocast(mel.device.type, enabled=False):
            shape = 0.5 * mel @ self.envelope
            level = LN_PER_DB * loudness_db[..., None]
            pulse = shape + pulse.clamp(-8, 4)
            gain = torch.polar((pulse + level).exp(), _minimum_phase(pulse) + angle)
            return gain.transpose(1, 2), (shape + level + noise.clamp(-8, 4)).exp().transpose(1, 2)

    def _stft(self, wave: Tensor) -> Tensor:
        f = self.features
        spectrum = torch.stft(
            wave, f.n_fft, f.hop_length, f.win_length, self.window, pad_mode="constant", return_complex=True
        )
        return spectrum[..., :-1]

    def _istft(self, spectrum: Tensor, n_samples: int) -> Tensor:
        f = self.features
        padded = nn.functional.pad(spectrum, (0, 1))  # so that the last frame's second half is made too
        return torch.istft(padded, f.n_fft, f.hop_length, f.win_length, self.window, length=n_samples)

    @torch.inference_mode()
    def synthesize(self, mel: Tensor, contours: Tensor, seed: int = 0) -> Iterator[Tensor]:
        """Blocks of the wave of one recording, in bounded memory; the samples do not depend on the chunking.

        Args:
            mel: `[T, n_mels]`; contours: `[T, 3]`, as in `forward`.
            seed: names the noise.
        """
        hop, context, n_frames = self.features.hop_length, self.look_ahead, len(mel)
        phase = torch.zeros(1, dtype=torch.float64, device=mel.device)
        for start in range(0, n_frames, CHUNK_FRAMES):
            stop = min(start + CHUNK_FRAMES, n_frames)
            first, last = max(start - context, 0), min(stop + context, n_frames)
            noise = white_noise(first * hop, (last - first) * hop, seed).to(mel)[None]
            wave, phases = self(mel[None, first:last], contours[None, first:last], noise, phase)
            phase = phases[:, min(max(stop - context, 0), n_frames - 1) - first]
            yield wave[0, (start - first) * hop : (stop - first) * hop]


def _minimum_phase(log_gain: Tensor) -> Tensor:
    """Phase in radians `[..., bins]` of the minimum-phase filter with `log_gain` `[..., bins]` (ln of amplitude):
    the folded cepstrum (Oppenheim & Schafer, Discrete-Time Signal Processing, section 13)."""
    cepstrum = torch.fft.irfft(log_gain)
    half = cepstrum.shape[-1] // 2
    fold = torch.zeros(cepstrum.shape[-1], device=cepstrum.device, dtype=cepstrum.dtype)
    fold[0], fold[1:half], fold[half] = 1.0, 2.0, 1.0
    return torch.fft.rfft(cepstrum * fold).imag


def _mel_to_bins(features: FeatureConfig) -> Tensor:
    """Linear interpolation in frequency, `[n_mels, bins]`; the end bands are held outwards."""
    centres = mel_centres_hz(features)
    bins_hz = torch.linspace(0, features.sample_rate / 2, features.n_fft // 2 + 1)
    above = torch.searchsorted(centres, bins_hz).clamp(1, features.n_mels - 1)
    weight = ((bins_hz - centres[above - 1]) / (centres[above] - centres[above - 1])).clamp(0, 1)
    matrix = torch.zeros(features.n_mels, len(bins_hz))
    columns = torch.arange(len(bins_hz))
    matrix[above - 1, columns] += 1 - weight
    matrix[above, columns] += weight
    return matrix
