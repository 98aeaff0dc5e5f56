"""Made-up voices, and batches of them as the VAE is trained on."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.sizes import SMALL
from voicevae.features import FeatureConfig
from voicevae.features.statistics import utterance_statistics
from voicevae.models.transport import shrunk, transport
from voicevae.training.settings import TrainingConfig

FEATURES = FeatureConfig(n_mels=20)
MODEL = replace(SMALL, channels=32, content_blocks=1, decoder_blocks=1, prosody_blocks=1, n_speakers=4)
TRAINING = TrainingConfig(
    max_steps=4, batch_size=6, learning_rate=3e-3, warmup_steps=1, checkpoint_steps=2, log_steps=1, ema_decay=0.5
)


def recording(speaker: int, random: np.random.Generator) -> np.ndarray:
    """Frames `[96, n_channels + 3]` of a made-up voice that wanders through vowels of its own."""
    time = np.arange(96)
    bands = np.linspace(0, np.pi, FEATURES.n_channels)
    mel = np.cos((1 + speaker) * bands) + np.outer(np.sin(time / random.uniform(3, 9)), np.cos(2 * bands))
    mel = mel + 0.1 * random.normal(size=mel.shape)
    log_f0 = 4.7 + 0.2 * speaker + 0.1 * np.sin(time / 11 + random.uniform(0, 6))
    voicing = (np.sin(time / 7 + random.uniform(0, 6)) > -0.5).astype(float)
    return np.column_stack([mel, log_f0, voicing, -25 + 5 * np.sin(time / 5)]).astype(np.float32)


class Recordings:
    """Batches of the contract: `batch(step)`, a pure function of the step."""

    def batch(self, step: int) -> dict[str, Tensor]:
        random = np.random.default_rng(step)
        speaker = random.integers(0, 4, TRAINING.batch_size)
        batch: dict[str, Any] = {"speaker": speaker, "mask": np.ones((len(speaker), 64), np.float32)}
        batch["reference_mask"] = batch["mask"]
        for name, key in (("source", "frames"), ("reference", "reference")):
            whole = [recording(s, random) for s in speaker]
            batch[key] = np.stack([frames[:64] for frames in whole])
            shown = [vars(utterance_statistics(frames)) for frames in whole]
            for part in shown[0]:
                batch[f"{name}_{part}"] = np.stack([s[part] for s in shown])
            corpus = np.eye(FEATURES.n_channels)
            covariance = shrunk(batch.pop(f"{name}_mel_cov"), batch[f"{name}_n_speech"], corpus)
            batch[f"{name}_transport"] = transport(covariance, corpus)
        return {key: torch.from_numpy(np.asarray(value)) for key, value in batch.items()}


class Few(Recordings):
    """Three batches, over and over."""

    def __init__(self) -> None:
        self.held = [Recordings().batch(step) for step in range(3)]

    def batch(self, step: int) -> dict[str, Tensor]:
        return self.held[step % 3]
