"""Training of the conditional VAE: the ELBO, the perturbation of the content and the adversary."""

from dataclasses import dataclass

import torch
from torch import Tensor

from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.models.cvae import CVAE, VoiceStatistics, bounded, contours_of, relative_contours
from voicevae.models.latents import Gaussian, free_bits
from voicevae.models.vocoder import SourceFilter
from voicevae.training.adversary import SpeakerAdversary
from voicevae.training.augmentation import (
    log_uniform,
    perturb,
    random_equaliser,
    random_gaps,
    warp_matrix,
    warp_statistics,
)
from voicevae.training.conversions import (
    ConversionLosses,
    reference_statistics,
    reference_weight,
    self_conversions,
    speech_weight,
)
from voicevae.training.devices import joint
from voicevae.training.gaps import bridge
from voicevae.training.run import Samples, Training
from voicevae.training.settings import ELBOConfig, TrainingConfig
from voicevae.vocoders.source_filter import VocoderConfig

ACTIVE_NATS = 0.05  # a dimension whose mean KL is above this is in use


class VAETraining(Training):
    """Batch: `frames` `[B, T, n_channels + 3]`, `mask` `[B, T]`, `reference` `[B, R, n_channels + 3]` of the same
    speaker, `reference_mask`, `speaker` `[B]` (-1 unknown), and the statistics of both whole recordings.
    """

    def __init__(self, features: FeatureConfig, model: ModelConfig, elbo: ELBOConfig, config: TrainingConfig) -> None:
        super().__init__(config)
        self.features, self.elbo = features, elbo
        self.model = CVAE(features.n_channels, model)
        self.adversary = SpeakerAdversary(model.content_dim, max(model.n_speakers, 2))
        self.conversions = ConversionLosses(features.n_channels, elbo) if elbo.discriminator else None

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        done = self._autoencode(batch)
        parts = self._reconstruction(done)
        rates, kl = self._rates(done)
        parts |= rates
        warm = min(1.0, self.global_step / max(self.elbo.kl_warmup_steps, 1))
        elbo = parts["mel"] + parts["contours"]
        elbo = elbo + warm * self.elbo.beta_speaker * parts["kl_speaker"]
        elbo = elbo + warm * self.elbo.beta_prosody * parts["kl_prosody"]
        elbo = elbo + warm * self.elbo.beta_content * parts["kl_content"]

        head = self.model.speaker_head(done.z_speaker)
        parts["head"] = (head - self.model.normalised(done.statistics)).abs().mean()
        parts["adversary"], parts["adversary_accuracy"] = self.adversary(
            done.z_content, batch["speaker"], self.elbo.adversary
        )
        for name, value in kl.items():
            parts[f"active_{name}"] = (_mean(value) > ACTIVE_NATS).float().mean()
        # In nats a mel band, so that gradients are of order one.
        loss = elbo / done.mel.shape[-1] + 0.1 * (self.elbo.head * parts["head"] + parts["adversary"])
        if self.conversions is not None:
            judged, more = self.conversions(self.model, done, batch, self.global_step)
            loss, parts = loss + judged, parts | more
        return loss, parts

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        """Recorded and decoded mels, and waves of both by an untrained vocoder."""
        done = self._autoencode(batch)
        vocoder = SourceFilter(self.features, VocoderConfig(channels=8, blocks=1)).to(done.mel.device)
        contours = batch["frames"][:1, :, -3:]
        noise = torch.randn(1, contours.shape[1] * self.features.hop_length, device=contours.device)
        waves = {
            name: vocoder(mel[:1], contours, noise)[0][0] for name, mel in (("target", done.mel), ("made", done.made))
        }
        return Samples({"target": done.mel[0], "made": done.made[0]}, waves, self.features.sample_rate)

    def _autoencode(self, batch: dict[str, Tensor]) -> "_Pass":
        with torch.autocast(batch["frames"].device.type, enabled=False):
            mel, reference, statistics, label = self._voices(batch)
        loudness_db = batch["source_loudness_max_db"]
        log_f0 = torch.stack([batch["source_log_f0_mean"], batch["source_log_f0_std"]], -1)
        contours = bounded(relative_contours(batch["frames"][..., -3:], log_f0, loudness_db))
        missing = random_gaps(contours, self.elbo.gaps, self.elbo.longest_gap)
        weight = speech_weight(batch["frames"][..., -1], loudness_db, batch["mask"])
        weight_of_reference = reference_weight(batch)
        q_speaker = self.model.encode_speaker(reference, weight_of_reference, statistics)
        content = self._content_input(batch, bridge(contours, missing), weight, missing)
        q_content = self.model.encode_content(perturb(content, self.elbo.perturbation, self.features))
        q_content = self.model.normalise_content(q_content, (weight > 0.5).float())
        q_prosody = self.model.encode_prosody(bridge(contours, missing))
        z_speaker, z_content, z_prosody = q_speaker.sample(), q_content.sample(), q_prosody.sample()

        logits = self.model.contour_decoder(z_prosody, mel.shape[1])
        # Edits keep the recorded contours, drawn prosody has only decoded ones: the mel decoder learns both.
        recorded = torch.rand(len(mel), 1, 1, device=mel.device) < 0.5
        made = self.model.decode_mel(
            z_content, torch.where(recorded, contours, contours_of(logits)), z_speaker, statistics
        )
        return _Pass(
            mel,
            made,
            contours,
            logits,
            weight,
            reference,
            weight_of_reference,
            statistics,
            label,
            q_speaker,
            q_prosody,
            q_content,
            z_speaker,
            z_content,
        )

    def _content_input(self, batch: dict[str, Tensor], contours: Tensor, weight: Tensor, missing: Tensor) -> Tensor:
        """The canonical mel that the content encoder sees, without what is missing, in part converted."""
        with torch.autocast(batch["frames"].device.type, enabled=False):
            mel = bridge(batch["frames"][..., :-3], missing)
            canonical = self.model.canonical(mel, batch["source_mel_mean"], batch["source_transport"])
        shown = self_conversions(self.model, batch, mel, canonical, contours, weight, self.elbo.converted)
        return bridge(shown, missing)

    def _rates(self, done: "_Pass") -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """KLs in nats a frame, and each one's dimensions."""
        kl = {
            "speaker": done.q_speaker.kl(self.model.prior(done.label)),
            "prosody": done.q_prosody.kl(),
            "content": done.q_content.kl(),
        }
        elbo, config = self.elbo, self.model.config
        rates = {
            "kl_speaker": free_bits(_mean(kl["speaker"]), elbo.free_bits_speaker) / done.mel.shape[1],
            "kl_prosody": free_bits(_mean(kl["prosody"]), elbo.free_bits_prosody) / config.prosody_stride,
            "kl_content": free_bits(_mean(kl["content"]), elbo.free_bits_content) / config.content_stride,
        }
        return rates, kl

    def _voices(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, VoiceStatistics, Tensor]:
        """Target mel, reference mel and its statistics, and labels: part of them as new voices."""
        statistics = reference_statistics(batch)
        n, device = len(statistics.log_f0), statistics.log_f0.device
        new = torch.rand(n, device=device) < self.elbo.new_voices
        warp = 1 + self.elbo.new_voice_warp
        ratio = torch.where(new, log_uniform(1 / warp, warp, n, device), 1.0)
        colour = random_equaliser(n, self.features, self.elbo.new_voice_colour, device) * new[:, None, None]
        matrix = warp_matrix(ratio, self.features)
        mel = batch["frames"][..., :-3] @ matrix + colour
        reference = batch["reference"][..., :-3] @ matrix + colour
        statistics = warp_statistics(statistics, matrix)
        statistics.mel_mean = statistics.mel_mean + colour[:, 0]
        dropped = new | (torch.rand(n, device=device) < self.elbo.label_dropout)
        return mel, reference, statistics, torch.where(dropped, -1, batch["speaker"])

    def _reconstruction(self, done: "_Pass") -> dict[str, Tensor]:
        """Minus the log-likelihoods of mel (Laplace) and contours (and Bernoulli), nats a frame, up to constants."""
        weight, contours, logits = done.weight, done.contours, done.logits
        total = joint(weight.sum()).clamp_min(1.0)
        error = (done.made - done.mel).abs().sum(-1) / self.elbo.mel_scale
        voiced = (contours[..., 1] > 0) * weight
        pitch = (logits[..., 0] - contours[..., 0]).abs() * voiced
        loudness = (logits[..., 2] - contours[..., 2]).abs() * weight
        voicing = torch.nn.functional.binary_cross_entropy_with_logits(
            logits[..., 1], (contours[..., 1] + 1) / 2, reduction="none"
        )
        contour = (pitch.sum() + loudness.sum()) / self.elbo.contour_scale + (voicing * weight).sum()
        return {
            "mel": (error * weight).sum() / total,
            "contours": contour / total,
            "mel_l1": (error * weight).detach().sum() / total * self.elbo.mel_scale / done.mel.shape[-1],
            "pitch_l1": pitch.detach().sum() / joint(voiced.sum()).clamp_min(1.0),
        }


@dataclass
class _Pass:
    """One batch through the VAE: target and decoded mel `[B, T, n_channels]`, contours and their decoder's output
    `[B, T, 3]`, weight `[B, T]`, the reference mel `[B, R, n_channels]` and its weight, the voice and its label,
    posteriors and draws."""

    mel: Tensor
    made: Tensor
    contours: Tensor
    logits: Tensor
    weight: Tensor
    reference: Tensor
    reference_weight: Tensor
    statistics: VoiceStatistics
    label: Tensor
    q_speaker: Gaussian
    q_prosody: Gaussian
    q_content: Gaussian
    z_speaker: Tensor
    z_content: Tensor


def _mean(kl: Tensor) -> Tensor:
    """Of each dimension, over all of the batch, `[1, D]`."""
    return joint(kl.flatten(0, -2).mean(0, keepdim=True))
