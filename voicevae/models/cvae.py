"""The convolutional conditional VAE with three latents: speaker, prosody, content."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from voicevae.features.contours import LOUDNESS_UNIT_DB
from voicevae.models.config import ModelConfig
from voicevae.models.decoder import Condition, ContourDecoder, MelDecoder, SpeakerHead
from voicevae.models.encoders import SequenceEncoder, SpeakerEncoder
from voicevae.models.latents import Gaussian, SpeakerPrior

MIN_MEL_STD = 0.1
MIN_CONTENT_VARIANCE = 1e-6


@dataclass
class VoiceStatistics:
    """Measured statistics of speakers: log_f0 `[B, 2]` (mean and standard deviation, ln Hz), mel_mean and mel_std `[B,
    n_channels]`."""

    log_f0: Tensor
    mel_mean: Tensor
    mel_std: Tensor

    @staticmethod
    def of(vector: Tensor) -> "VoiceStatistics":
        """The inverse of `vector`: from `[B, 2 n_channels + 2]`."""
        n_channels = vector.shape[-1] // 2 - 1
        return VoiceStatistics(*vector.split([2, n_channels, n_channels], -1))

    def vector(self) -> Tensor:
        """Side by side, `[B, 2 n_channels + 2]`."""
        return torch.cat([self.log_f0, self.mel_mean, self.mel_std], -1)


class CVAE(nn.Module):
    """Encoders, decoders, priors and normalisation statistics; independent of the training.

    Frames are `[B, T, ...]`; a mel is harmonic-free, natural log of power relative to the level; contours are (log-F0
    in ln Hz, voicing 0..1, loudness in dB).
    """

    mel_mean: Tensor
    mel_std: Tensor
    mel_cov: Tensor
    statistics_mean: Tensor
    statistics_std: Tensor

    def __init__(self, n_channels: int, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        sizes = (config.kernel_size, config.expansion)
        self.speaker_encoder = SpeakerEncoder(n_channels, config)
        self.content_encoder = SequenceEncoder(
            n_channels, config.content_dim, config.content_stride, config.channels, config.content_blocks, *sizes
        )
        self.prosody_encoder = SequenceEncoder(
            3, config.prosody_dim, config.prosody_stride, config.prosody_channels, config.prosody_blocks, *sizes
        )
        self.contour_decoder = ContourDecoder(config)
        self.mel_decoder = MelDecoder(n_channels, config)
        self.condition = Condition(n_channels, config)
        self.speaker_head = SpeakerHead(n_channels, config)
        self.prior = SpeakerPrior(config.n_speakers, config.speaker_dim)
        # The corpus' own means and standard deviations, set before training.
        self.register_buffer("mel_mean", torch.zeros(n_channels))
        self.register_buffer("mel_std", torch.ones(n_channels))
        self.register_buffer("mel_cov", torch.eye(n_channels))  # of one recording, on average
        self.register_buffer("statistics_mean", torch.zeros(2 * n_channels + 2))
        self.register_buffer("statistics_std", torch.ones(2 * n_channels + 2))

    def encode_speaker(self, mel: Tensor, weight: Tensor, statistics: VoiceStatistics) -> Gaussian:
        """q(z_s | x): mel `[B, T, n_channels]`, weight `[B, T]` (1 for speech frames) -> `[B, D_s]`."""
        return self.speaker_encoder((mel - self.mel_mean) / self.mel_std, weight, self.normalised(statistics))

    def canonical(self, mel: Tensor, mel_mean: Tensor, transport: Tensor) -> Tensor:
        """Speaker-normalised mel of `[B, T, n_channels]`: mean removed, covariance mapped to the corpus'.

        Args:
            mel_mean: of the recording, `[B, n_channels]`.
            transport: matrix `[B, n_channels, n_channels]` to the corpus' covariance (`voicevae.models.transport`).
        """
        return (mel - mel_mean[:, None]) @ transport / self.mel_std

    def encode_content(self, mel: Tensor) -> Gaussian:
        """q(z_c | x~), not yet `normalise_content`ed: a `canonical` mel `[B, T, n_channels]` -> `[B, T_c, D_c]`."""
        return self.content_encoder(mel)

    def normalise_content(self, content: Gaussian, weight: Tensor) -> Gaussian:
        """Instance norm: mean 0 and standard deviation 1 over the speech of a recording, and the prior in the
        background, so that neither identifies the speaker.

        weight `[B, T]`, 1 for speech frames.
        """
        weight = weight[:, :: self.config.content_stride, None]
        total = weight.sum(1, keepdim=True).clamp_min(1.0)
        mean = (content.mean * weight).sum(1, keepdim=True) / total
        variance = ((content.mean - mean).square() * weight).sum(1, keepdim=True) / total
        std = (variance + MIN_CONTENT_VARIANCE).sqrt()
        return Gaussian((content.mean - mean) / std * weight, content.log_variance * weight)

    def encode_prosody(self, contours: Tensor) -> Gaussian:
        """q(z_p | c): relative contours `[B, T, 3]` (`relative_contours`) -> `[B, T_p, D_p]`."""
        return self.prosody_encoder(bounded(contours))

    def decode_contours(self, prosody: Tensor, n_frames: int) -> Tensor:
        """z_p `[B, T_p, D_p]` -> relative contours `[B, T, 3]`."""
        return contours_of(self.contour_decoder(prosody, n_frames))

    def decode_mel(
        self, content: Tensor, contours: Tensor, speaker: Tensor, statistics: VoiceStatistics, ends: bool = False
    ) -> Tensor:
        """z_c `[B, T_c, D_c]`, relative contours `[B, T, 3]`, z_s `[B, D_s]` -> mel `[B, T, n_channels]`.

        With `ends`, only the frames whose past is all given (`MelDecoder`). One item of content is decoded for all
        speakers.
        """
        condition = self.condition(speaker, self.normalised(statistics))
        mel = self.mel_decoder(content, bounded(contours), condition, ends)
        return statistics.mel_mean[:, None] + statistics.mel_std.clamp_min(MIN_MEL_STD)[:, None] * mel

    def implied_statistics(self, speaker: Tensor) -> VoiceStatistics:
        """Statistics predicted from z_s `[B, D_s]`, for voices without a recording."""
        return VoiceStatistics.of(self.speaker_head(speaker) * self.statistics_std + self.statistics_mean)

    def normalised(self, statistics: VoiceStatistics) -> Tensor:
        """Statistics as one vector, normalised by the corpus', `[B, 2 n_channels + 2]`."""
        return ((statistics.vector() - self.statistics_mean) / self.statistics_std).clamp(-5, 5)


def relative_contours(contours: Tensor, log_f0: Tensor, loudness_db: Tensor) -> Tensor:
    """Contours `[B, T, 3]` relative to the speaker's register and the recording's level.

    Args:
        log_f0: `[B, 2]`, mean and standard deviation, ln Hz; loudness_db: `[B]`, of the loud frames.

    Returns:
        `[B, T, 3]`: log-F0 in standard deviations from the mean, voicing -1..1, loudness in units of 20 dB.
    """
    pitch = (contours[..., 0] - log_f0[:, :1]) / log_f0[:, 1:]
    loudness = (contours[..., 2] - loudness_db[:, None]) / LOUDNESS_UNIT_DB
    return torch.stack([pitch, 2 * contours[..., 1] - 1, loudness], -1)


def contours_of(logits: Tensor) -> Tensor:
    """Relative contours `[B, T, 3]` from the contour decoder's output, whose voicing is a logit."""
    return torch.cat([logits[..., :1], 2 * logits[..., 1:2].sigmoid() - 1, logits[..., 2:]], -1)


def bounded(relative: Tensor) -> Tensor:
    """Relative contours `[..., 3]` clamped to the range of training, for octave errors and digital silence."""
    low, high = relative.new_tensor([-6.0, -1.0, -5.0]), relative.new_tensor([6.0, 1.0, 2.0])
    return relative.clamp(low, high)
