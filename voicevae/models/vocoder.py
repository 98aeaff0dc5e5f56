"""The source-filter vocoder for training: in torch, of a batch, with gradients.

`voicevae.vocoders.source_filter` is the same arithmetic in use.

A frame-rate ConvNeXt network predicts a complex gain for the spectrum of the pulses and a real gain for that of the
noise; one inverse STFT makes the sound (the idea of Vocos, Siuzdak 2023, made pitch-exact by an explicit source). The
gains start from the mel's envelope at minimum phase, so that the network learns only what the envelope lacks. Then the
wave's mel is corrected towards the requested one (`consistency`), in training as in use.
"""

import math

import torch
from torch import Tensor, nn

from voicevae.features import VOICED, FeatureConfig
from voicevae.models.blocks import Stack
from voicevae.models.correction import Consistency
from voicevae.models.pulses import pulse_train
from voicevae.units import NATS_PER_DB
from voicevae.vocoders.source_filter import KNOWN_F0_HZ, LIMITS, SHARPENING, VocoderConfig, look_ahead


class SourceFilter(nn.Module):
    """mel and contours -> wave.

    Loudness enters the network only as its change from frame to frame, and the sound as a gain: a louder frame is the
    same frame, louder.
    """

    mel_mean: Tensor
    mel_std: Tensor

    def __init__(self, features: FeatureConfig, config: VocoderConfig) -> None:
        super().__init__()
        self.features, self.config = features, config
        bins = features.n_fft // 2 + 1
        self.register_buffer("mel_mean", torch.zeros(features.n_channels))
        self.register_buffer("mel_std", torch.ones(features.n_channels))
        self.consistency = Consistency(features)
        kernel = config.kernel_size
        self.enter = nn.Conv1d(features.n_channels + 3, config.channels, kernel, padding=kernel // 2)
        self.stack = Stack(config.blocks, config.channels, kernel, config.expansion)
        self.norm = nn.LayerNorm(config.channels)
        self.leave = nn.Linear(config.channels, 3 * bins + features.n_mels)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        with torch.no_grad():
            self.leave.bias[2 * bins : 3 * bins] = -1.0  # voiced speech is mostly pulses

    @property
    def envelope(self) -> Tensor:
        """From a mel to the log power of its bins, `[n_channels, bins]`."""
        return self.consistency.envelope

    @property
    def look_ahead(self) -> int:
        """Frames after a sample that it depends on."""
        return look_ahead(self.features, self.config)

    def forward(
        self, mel: Tensor, contours: Tensor, noise: Tensor, phase: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Wave from frames.

        Args:
            mel: `[B, T, n_channels]`, as `features.mel.harmonic_free` gives it.
            contours: `[B, T, 3]`: log-F0 (ln Hz), voicing (0..1), loudness (dB of full scale).
            noise: `[B, T * hop_length]`, white, unit variance.
            phase: `[B]`, of the pulses at the first sample, in periods.

        Returns:
            wave: `[B, T * hop_length]`; phases: `[B, T]`, as `pulse_train` gives them.
        """
        log_f0, voicing, loudness_db = contours.unbind(-1)
        hop = self.features.hop_length
        voiced = voicing >= VOICED
        gate = voiced.to(mel.dtype)
        pulses, phases = pulse_train(log_f0, gate, hop, self.features.sample_rate, phase)
        pulse_gain, noise_gain, wanted = self._gains(mel, log_f0, voicing, loudness_db)
        spectrum = pulse_gain * self.consistency.stft(pulses) + noise_gain * self.consistency.stft(noise)
        with torch.autocast(mel.device.type, enabled=False):
            wave = self.consistency.istft(spectrum)
            for _ in range(self.config.corrections):
                wave = self.consistency(wave, wanted, log_f0.exp(), voiced, loudness_db)
        return wave, phases

    def filters(self, mel: Tensor, source: Tensor, ends: bool = False) -> Tensor:
        """The network: mel `[B, T, n_channels]` and what it is told of the source `[B, T, 3]` -> log gain and angle of
        the pulses, log gain of the noise (bins each), and sharpening (n_mels), `[B, T, 3 bins + n_mels]`. With `ends`,
        only of the frames whose past is all given."""
        x = torch.cat([(mel - self.mel_mean) / self.mel_std, source], -1)
        x = self.enter(x.transpose(1, 2)).transpose(1, 2)
        if ends:
            x = x[:, self.config.kernel_size // 2 :]
        return self.leave(self.norm(self.stack(x, ends=ends)))

    def _gains(
        self, mel: Tensor, log_f0: Tensor, voicing: Tensor, loudness_db: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Gains `[B, T, bins]` of the pulses' (complex) and of the noise's spectrum (real), and the bands
        `[B, T, n_mels]` that the wave shall have: those of `mel`, sharpened where it is blurred."""
        change = torch.diff(loudness_db, dim=1, prepend=loudness_db[:, :1]).clamp(-20, 20) / 5
        known = log_f0.clamp_max(math.log(KNOWN_F0_HZ))
        source = torch.stack([(known - 5.0) * 2, voicing * 2 - 1, change], -1)
        bins, n_mels = self.envelope.shape[1], self.features.n_mels
        pulse, angle, noise, sharper = self.filters(mel, source).to(mel).split([bins] * 3 + [n_mels], -1)
        with torch.autocast(mel.device.type, enabled=False):
            shape = 0.5 * mel @ self.envelope
            level = 0.5 * NATS_PER_DB * loudness_db[..., None]
            pulse = shape + pulse.clamp(*LIMITS)
            gain = torch.polar((pulse + level).exp(), _minimum_phase(pulse) + angle)
            noise_gain = (shape + level + noise.clamp(*LIMITS)).exp()
            wanted = mel[..., :n_mels] + sharper.clamp(-SHARPENING, SHARPENING)
            return gain, noise_gain, wanted


def _minimum_phase(log_gain: Tensor) -> Tensor:
    """Phase in radians `[..., bins]` of the minimum-phase filter with `log_gain` `[..., bins]` (ln of amplitude):
    the folded cepstrum (Oppenheim & Schafer, Discrete-Time Signal Processing, section 13)."""
    cepstrum = torch.fft.irfft(log_gain)
    half = cepstrum.shape[-1] // 2
    fold = torch.zeros(cepstrum.shape[-1], device=cepstrum.device, dtype=cepstrum.dtype)
    fold[0], fold[1:half], fold[half] = 1.0, 2.0, 1.0
    return torch.fft.rfft(cepstrum * fold).imag
