"""Objectives that were tried beside the ELBO; docs/ablation.md says what each of them bought.

Most look at a conversion: the content of an item in the voice of its neighbour, which no recording shows.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from voicevae.models.blocks import Stack
from voicevae.models.cvae import CVAE, VoiceStatistics
from voicevae.models.encoders import Downsample
from voicevae.models.latents import Gaussian
from voicevae.training.adversary import SpeakerAdversary

MARGIN, SCALE = 0.2, 15.0
PSEUDO_INPUTS, PSEUDO_FRAMES = 32, 64


@dataclass(frozen=True)
class TriedConfig:
    """Weights; 0 leaves out."""

    consistency_speaker: float = 0.0  # the conversion's z_s is the target's
    consistency_content: float = 0.0  # the conversion's z_c is the source's
    patch: float = 0.0  # a patch discriminator of mels (VAE-GAN)
    judge: float = 0.0  # a speaker encoder trained beside tells conversions from the target
    metric: float = 0.0  # a margin loss over speakers on z_s
    adversary_prosody: float = 0.0  # gradient reversal on z_p
    vamp: bool = False  # p(z_s) is a VampPrior


@dataclass
class Seen:
    """What a pass through the VAE left: see `VAETraining`. speaker: as labelled, -1 for voices that nobody has."""

    made: Tensor
    mel: Tensor
    contours: Tensor
    weight: Tensor
    reference: Tensor
    reference_weight: Tensor
    statistics: VoiceStatistics
    q_speaker: Gaussian
    q_content: Gaussian
    z_speaker: Tensor
    z_content: Tensor
    z_prosody: Tensor
    speaker: Tensor


class Tried(nn.Module):
    """The networks that the objectives need, and their sum."""

    def __init__(self, model: CVAE, config: TriedConfig) -> None:
        super().__init__()
        self.config, n = config, max(model.config.n_speakers, 2)
        n_channels, dim = len(model.mel_mean), model.config.speaker_dim
        self.prosody_adversary = SpeakerAdversary(model.config.prosody_dim, n)
        self.judge, self.judge_head = Judge(n_channels), Margin(128, n)
        self.metric_head, self.patches = Margin(dim, n), Patches()
        self.pseudo_mels = nn.Parameter(torch.randn(PSEUDO_INPUTS, PSEUDO_FRAMES, n_channels))
        self.pseudo_statistics = nn.Parameter(torch.randn(PSEUDO_INPUTS, 2 * n_channels + 2))

    def forward(self, model: CVAE, seen: Seen, parts: dict[str, Tensor]) -> Tensor:
        config, total = self.config, torch.zeros((), device=seen.mel.device)
        if config.adversary_prosody:
            loss, parts["adversary_prosody_accuracy"] = self.prosody_adversary(
                seen.z_prosody, seen.speaker, config.adversary_prosody
            )
            total = total + loss
        if config.metric:
            loss, parts["metric_accuracy"] = self.metric_head(seen.q_speaker.mean, seen.speaker)
            total = total + config.metric * loss
        if config.judge:
            total = total + 3 * self._learn_to_judge(model, seen, parts)
        if config.judge or config.patch or config.consistency_speaker or config.consistency_content:
            total = total + 10 * self._of_conversion(model, seen, parts)
        return total

    def kl_to_vamp(self, model: CVAE, seen: Seen) -> Tensor:
        """log q(z_s|x) - log p(z_s), one draw, `[B]`: p is the mean of the posteriors of pseudo-inputs
        (Tomczak & Welling, 2018)."""
        ones = torch.ones(self.pseudo_mels.shape[:2], device=seen.mel.device)
        q = model.speaker_encoder(self.pseudo_mels, ones, self.pseudo_statistics)
        z = seen.z_speaker
        own = _log_density(z, seen.q_speaker)
        each = _log_density(z[:, None], Gaussian(q.mean[None], q.log_variance[None]))
        return own - each.logsumexp(1) + float(torch.log(torch.tensor(float(PSEUDO_INPUTS))))

    def _learn_to_judge(self, model: CVAE, seen: Seen, parts: dict[str, Tensor]) -> Tensor:
        real = ((seen.mel, seen.weight), (seen.reference, seen.reference_weight))
        vectors = torch.cat([self.judge(_units(model, mel), weight) for mel, weight in real])
        loss, parts["judge_accuracy"] = self.judge_head(vectors, seen.speaker.repeat(2))
        return loss

    def _of_conversion(self, model: CVAE, seen: Seen, parts: dict[str, Tensor]) -> Tensor:
        n, config = len(seen.mel), self.config
        other = torch.roll(torch.arange(n), 1 + int(torch.randint(n - 1, ())))
        s = seen.statistics
        target = VoiceStatistics(s.log_f0[other], s.mel_mean[other], s.mel_std[other])
        goal_z = seen.q_speaker.mean[other].detach()
        swapped = matched(model.decode_mel(seen.z_content, seen.contours, goal_z, target), seen.weight, target)
        total = torch.zeros((), device=swapped.device)
        # The networks that look at the conversion do not learn from it, but for the discriminator, below.
        looking: list[nn.Module] = [self.judge, model.speaker_encoder, model.content_encoder, self.patches]
        for part in looking:
            part.requires_grad_(False)
        if config.judge:
            with torch.no_grad():
                goal = self.judge(_units(model, seen.reference), seen.reference_weight)[other]
            parts["judge"] = (1 - (self.judge(_units(model, swapped), seen.weight) * goal).sum(-1)).mean()
            total = total + config.judge * parts["judge"]
        if config.consistency_speaker:
            again = model.encode_speaker(swapped, seen.weight, target).mean
            parts["again_speaker"] = (again - goal_z).square().mean() / goal_z.square().mean()
            total = total + config.consistency_speaker * parts["again_speaker"]
        if config.consistency_content:
            parts["again_content"] = _content_error(model, seen, swapped, target)
            total = total + config.consistency_content * parts["again_content"]
        if config.patch:
            total = total + config.patch * self._patch(seen, swapped, target, parts)
        for part in looking:
            part.requires_grad_(True)
        return total

    def _patch(self, seen: Seen, swapped: Tensor, target: VoiceStatistics, parts: dict[str, Tensor]) -> Tensor:
        fakes = torch.cat([_own(seen.made, seen.statistics), _own(swapped, target)])
        scores, features = self.patches(fakes)
        parts["patch"] = (1 - scores.float()).square().mean()
        self.patches.requires_grad_(True)
        truth, wanted = self.patches(_own(seen.mel, seen.statistics))
        found, _ = self.patches(fakes.detach())
        n = len(seen.mel)
        apart = [
            (w.detach() - f[:n]).abs().mean() / w.detach().abs().mean() for w, f in zip(wanted, features, strict=True)
        ]
        learn = (1 - truth.float()).square().mean() + found.float().square().mean()
        return parts["patch"] + torch.stack(apart).mean() + 0.3 * learn / self.config.patch


class Margin(nn.Module):
    """Additive angular margin softmax over speakers (Deng et al., ArcFace, 2019): vectors `[B, D]`, speaker `[B]` (-1
    unknown) -> loss, accuracy."""

    def __init__(self, dim: int, n_speakers: int) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.randn(n_speakers, dim) * 0.1)

    def forward(self, vectors: Tensor, speaker: Tensor) -> tuple[Tensor, Tensor]:
        known = speaker >= 0
        if not known.any():
            return vectors.new_zeros(()), vectors.new_zeros(())
        unit = nn.functional.normalize
        cosine = (unit(vectors[known].float(), dim=-1) @ unit(self.centres.float(), dim=-1).T).clamp(-0.999, 0.999)
        own = nn.functional.one_hot(speaker[known], len(self.centres)).bool()
        logits = torch.where(own, torch.cos(torch.acos(cosine) + MARGIN), cosine) * SCALE
        loss = nn.functional.cross_entropy(logits, speaker[known])
        return loss, (cosine.argmax(-1) == speaker[known]).float().mean()


class Judge(nn.Module):
    """Who speaks: mel `[B, T, n_channels]` in the corpus' units, weight `[B, T]` -> unit vectors `[B, dim]`."""

    def __init__(self, n_channels: int, width: int = 160, dim: int = 128) -> None:
        super().__init__()
        self.enter, self.stack = Downsample(n_channels, width, 2), Stack(3, width, 5, 2)
        self.leave = nn.Linear(2 * width, dim)

    def forward(self, mel: Tensor, weight: Tensor) -> Tensor:
        x = self.stack(self.enter(mel)).float()
        share = weight[:, ::2, None] + 1e-4
        share = share / share.sum(1, keepdim=True)
        mean = (x * share).sum(1)
        spread = ((x - mean[:, None]).square() * share).sum(1).add(1e-4).sqrt()
        return nn.functional.normalize(self.leave(torch.cat([mean, spread], -1)).float(), dim=-1)


class Patches(nn.Module):
    """Least-squares patch discriminator (Isola et al., 2017) of mels `[B, T, n_channels]`, and its features."""

    def __init__(self, widths: tuple[int, ...] = (1, 24, 48, 96)) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        pairs = zip(widths, widths[1:], strict=False)
        self.layers = nn.ModuleList(norm(nn.Conv2d(a, b, 5, stride=2, padding=2)) for a, b in pairs)
        self.score = norm(nn.Conv2d(widths[-1], 1, 3, padding=1))

    def forward(self, mel: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, features = mel[:, None], []
        for layer in self.layers:
            x = nn.functional.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.score(x), features


def matched(mel: Tensor, weight: Tensor, statistics: VoiceStatistics) -> Tensor:
    """`mel` `[B, T, n_channels]` whose bands have the mean and spread of `statistics`, where `weight` counts."""
    share = (weight / weight.sum(1, keepdim=True).clamp_min(1.0))[..., None]
    mean = (mel * share).sum(1, keepdim=True)
    spread = ((mel - mean).square() * share).sum(1, keepdim=True).add(1e-3).sqrt()
    return (mel - mean) / spread * statistics.mel_std[:, None] + statistics.mel_mean[:, None]


def _content_error(model: CVAE, seen: Seen, swapped: Tensor, target: VoiceStatistics) -> Tensor:
    own = (swapped - target.mel_mean[:, None]) / target.mel_std[:, None]
    canonical = own * model.mel_cov.diagonal().sqrt() / model.mel_std
    speech = (seen.weight > 0.5).float()
    again = model.normalise_content(model.encode_content(canonical), speech).mean
    share = speech[:, :: model.config.content_stride, None]
    error = (again - seen.q_content.mean.detach()).abs() * share
    return error.sum() / (share.sum() * again.shape[-1]).clamp_min(1)


def _units(model: CVAE, mel: Tensor) -> Tensor:
    return (mel - model.mel_mean) / model.mel_std


def _own(mel: Tensor, s: VoiceStatistics) -> Tensor:
    return (mel - s.mel_mean[:, None]) / s.mel_std[:, None].clamp_min(0.1)


def _log_density(z: Tensor, q: Gaussian) -> Tensor:
    return -0.5 * ((z - q.mean).square() / q.log_variance.exp() + q.log_variance).sum(-1)
