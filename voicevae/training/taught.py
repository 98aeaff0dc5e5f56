"""Training of the content encoder by consensus: a share of the way to what other speakers' content is.

All else of the VAE stays: the decoder speaks the new content as it did the old.
"""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from voicevae.data.batches import FrameBank, TrainingBatches
from voicevae.features import FeatureConfig, Frames
from voicevae.models.cvae import CVAE
from voicevae.models.latents import Gaussian
from voicevae.training.augmentation import random_gaps
from voicevae.training.consensus import Utterance, consensus
from voicevae.training.conversions import speech_weight
from voicevae.training.decoded import coder_of
from voicevae.training.gaps import bridge
from voicevae.training.run import Samples, Training
from voicevae.training.settings import ELBOConfig, TrainingConfig

LOG_VARIANCE = 0.1  # weight of its change


class TaughtTraining(Training):
    """Batch: as of `voicevae.training.vae.VAETraining`, and `consensus` `[B, T_c, D_c]`.

    Args:
        model: trained; its content encoder is taught.
        share: of the way from its content to the consensus, 0 to 1.
    """

    def __init__(self, model: CVAE, elbo: ELBOConfig, config: TrainingConfig, share: float) -> None:
        super().__init__(config)
        self.elbo, self.share = elbo, share
        self.before = copy.deepcopy(model.content_encoder)
        self.model = model
        self.requires_grad_(False)
        self.model.content_encoder.requires_grad_(True)

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        made, wanted, weight = self._content(batch)
        total = weight.sum().clamp_min(1.0)
        error = ((made.mean - wanted.mean).square() * weight).sum() / total / made.mean.shape[-1]
        change = ((made.log_variance - wanted.log_variance).square() * weight).sum() / total / made.mean.shape[-1]
        return error + LOG_VARIANCE * change, {"content": error, "log_variance": change}

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        """Content as it is and as it should be."""
        made, wanted, _ = self._content(batch)
        return Samples({"content": made.mean[0], "consensus": wanted.mean[0]}, {}, 0)

    def _content(self, batch: dict[str, Tensor]) -> tuple[Gaussian, Gaussian, Tensor]:
        """The content of a batch, what it should be, and the weight of its steps `[B, T_c, 1]`."""
        frames = batch["frames"]
        canonical = self.model.canonical(frames[..., :-3], batch["source_mel_mean"], batch["source_transport"])
        weight = (speech_weight(frames[..., -1], batch["source_loudness_max_db"], batch["mask"]) > 0.5).float()
        with torch.no_grad():
            before = self.model.normalise_content(self.before(canonical), weight)
            mixed = before.mean + self.share * (batch["consensus"] - before.mean)
            wanted = self.model.normalise_content(Gaussian(mixed, before.log_variance), weight)
        missing = random_gaps(canonical, self.elbo.gaps, self.elbo.longest_gap)
        made = self.model.encode_content(bridge(canonical, missing))
        steps = weight[:, :: self.model.config.content_stride, None]
        return self.model.normalise_content(made, weight), wanted, steps


class TaughtBatches:
    """Those of the VAE's training, with the consensus `[sum of T, D_c]` of the bank's cuts, frame by frame."""

    def __init__(self, batches: TrainingBatches, consensus_frames: np.ndarray, stride: int) -> None:
        self.batches, self.consensus, self.stride = batches, consensus_frames, stride

    def divide(self, rank: int, ranks: int) -> None:
        """Restrict each batch to the part of `rank`."""
        self.batches.divide(rank, ranks)

    def batch(self, step: int) -> dict[str, Tensor]:
        """Batch number `step`."""
        cut, first, *_ = self.batches.drawn(step)
        bank = self.batches.bank
        position = first[:, None] + np.arange(0, self.batches.n_frames, self.stride)
        place = bank.start[cut, None] + np.minimum(position, bank.length[cut, None] - 1)
        return self.batches.batch(step) | {"consensus": torch.from_numpy(self.consensus[place].astype(np.float32))}


def consensus_frames(vae: CVAE, features: FeatureConfig, bank: FrameBank, heard: dict[str, Path]) -> np.ndarray:
    """The consensus of each of the bank's cuts, `[sum of T, D_c]` float16, by the content that `vae` has now."""
    coder, stride, said = coder_of(features, vae), vae.config.content_stride, []
    spans: Any = list(zip(bank.cuts, bank.start, bank.length, strict=True))
    for cut, start, length in tqdm(spans, "content", unit="cut"):
        content = coder.infer(Frames.from_array(bank.frames[start : start + length])).content.mean
        said.append(Utterance(content.astype(np.float16), np.load(heard[cut.id]), cut.supervisions[0].speaker))
    made = np.empty((len(bank.frames), vae.config.content_dim), np.float16)
    found = tqdm(consensus(said), "consensus", total=len(said), unit="cut")
    for one, start, length in zip(found, bank.start, bank.length, strict=True):
        made[start : start + length] = np.repeat(one, stride, 0)[:length]
    return made
