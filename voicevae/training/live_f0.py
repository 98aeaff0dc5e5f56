"""Training of the live F0 tracker: it learns swift-f0's F0 and voicing from distorted recordings."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from voicevae.features import VOICED, FeatureConfig
from voicevae.features.live_f0 import Loud, context
from voicevae.features.salience import BINS_PER_OCTAVE, look_ahead, pitches_hz, saliences, span
from voicevae.models.config import LiveF0Config
from voicevae.models.live_f0 import LiveF0Network
from voicevae.training.distortion import distort
from voicevae.training.run import Samples, Training
from voicevae.training.settings import TrainingConfig

TARGET_BINS = 0.8  # standard deviation of the target, bins
VOICING_WEIGHT = 2.0
GROSS = float(np.log(1.2))  # nats, of the field's gross pitch error
WARM = 0.7  # share of a batch in which the loudness of what was before is known
WARM_DB = 20.0  # at most above the crop's loudest frame


class LiveF0Training(Training):
    """Cross-entropy of pitches over voiced frames, and of voicing over all.

    Batch: `frames` `[B, T, n_channels + 3]`, `wave` `[B, T * hop_length]`, `mask` `[B, T]`, as `VocoderBatches` gives.
    """

    log_hz: Tensor

    def __init__(self, features: FeatureConfig, network: LiveF0Config, config: TrainingConfig) -> None:
        super().__init__(config)
        self.features = features
        self.register_buffer("log_hz", torch.from_numpy(np.log(pitches_hz(features))).float(), persistent=False)
        self.network = LiveF0Network(network, len(self.log_hz))

    def samples(self, batch: dict[str, Tensor]) -> Samples:
        """A crop as the network hears it."""
        wave = distort(batch["wave"], self.features.sample_rate)
        return Samples({}, {"distorted": wave[0]}, self.features.sample_rate)

    def losses(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        pitch, steps = self.inputs(distort(batch["wave"], self.features.sample_rate))
        states = [state.to(pitch) for state in self.network.states(len(pitch))]
        found, voicing, *_ = self.network(pitch, steps, *states)
        frames, mask = batch["frames"][:, : pitch.shape[2]], batch["mask"][:, : pitch.shape[2]]
        log_f0, voiced = frames[..., -3], (frames[..., -2] >= VOICED).float()
        entropy = functional.binary_cross_entropy_with_logits(voicing.float(), voiced, reduction="none")
        parts = {
            "pitch": _mean(self._pitch_entropy(found.float(), log_f0), voiced * mask),
            "voicing": _mean(entropy, mask),
        }
        with torch.no_grad():
            gross = (self.log_hz[found.argmax(-1)] - log_f0).abs() > GROSS
            measured = {
                "agreement": _mean(((voicing > 0) == (voiced > 0)).float(), mask),
                "gross": _mean(gross.float(), voiced * mask),
            }
        return parts["pitch"] + VOICING_WEIGHT * parts["voicing"], parts | measured

    def _pitch_entropy(self, found: Tensor, log_f0: Tensor) -> Tensor:
        """Cross-entropy `[B, T]` of logits `[B, T, n_pitches]` against a normal distribution around `log_f0`
        `[B, T]`."""
        bins = (self.log_hz - log_f0[..., None]) * (BINS_PER_OCTAVE / np.log(2))
        target = torch.softmax(-0.5 * (bins / TARGET_BINS).square(), -1)
        return -(target * functional.log_softmax(found, -1)).sum(-1)

    def inputs(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Saliences and context of the frames of `wave` `[B, n]` that it has all samples of, as of streams that start
        with it."""
        hop, n = self.features.hop_length, span(self.features)
        before = n - look_ahead(self.features)
        padded = np.pad(wave.detach().cpu().numpy(), ((0, 0), (before, 0)))
        frames = np.lib.stride_tricks.sliding_window_view(padded, n, 1)[:, ::hop]
        found = saliences(frames, self.features)
        loud = Loud(self.features, len(wave))
        warm = torch.rand(len(wave)) < WARM
        before_db = found.power_db.max(1) - WARM_DB / 2 + WARM_DB * torch.rand(len(wave)).numpy()
        loud.db = np.where(warm.numpy(), before_db, loud.db)
        steps = np.stack([context(found, t, loud) for t in range(frames.shape[1])], 2)
        pitch = np.ascontiguousarray(found.pitch.transpose(0, 2, 1, 3))
        return torch.from_numpy(pitch).to(wave.device), torch.from_numpy(steps).to(wave.device)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean; 0 where nothing has weight."""
    return (values * weight).sum() / weight.sum().clamp_min(1)
