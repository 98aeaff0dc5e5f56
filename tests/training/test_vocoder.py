from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from voicevae.features import FeatureConfig, extract
from voicevae.training.run import TrainingConfig, fit
from voicevae.training.vocoder import VocoderTraining
from voicevae.vocoders.source_filter import VocoderConfig

pytestmark = pytest.mark.filterwarnings("ignore")

FEATURES = FeatureConfig()
TRAINING = TrainingConfig(
    max_steps=20, batch_size=2, learning_rate=1e-2, ema_decay=0.5, warmup_steps=1, checkpoint_steps=100
)


def vowel(n_samples: int) -> np.ndarray:
    """A buzz with two formants and breath, the like of which no minimum-phase envelope alone gives."""
    time = np.arange(n_samples) / FEATURES.sample_rate
    phase = 2 * np.pi * np.cumsum(130 + 20 * np.sin(2 * np.pi * 3 * time)) / FEATURES.sample_rate
    hz = 130 * np.arange(1, 50)
    gain = 1 / (1 + ((hz - 600) / 150) ** 2) + 0.5 / (1 + ((hz - 1800) / 200) ** 2)
    voice = (gain[:, None] * np.sin(np.arange(1, 50)[:, None] * phase + np.arange(49)[:, None] ** 2)).sum(0)
    return (0.1 * voice + np.random.default_rng(0).normal(0, 0.01, n_samples)).astype(np.float32)


class OneVowel:
    def __init__(self) -> None:
        wave = vowel(96 * FEATURES.hop_length)
        frames = torch.from_numpy(extract(wave, FEATURES).array()[:96]).reshape(2, 48, -1)
        self.held = {"frames": frames, "wave": torch.from_numpy(wave).reshape(2, -1)}

    def batch(self, step: int) -> dict[str, Tensor]:
        return self.held


def made(gain: float = 1.0) -> VocoderTraining:
    torch.manual_seed(0)
    bands = torch.zeros(FEATURES.n_mels)
    return VocoderTraining(FEATURES, VocoderConfig(32, 1, 5, 2), TRAINING, bands, bands + 2)


def test_a_few_steps_lower_the_loss(tmp_path: Path) -> None:
    module, batch = made(), OneVowel().batch(0)
    before = module.losses(batch)[0].item()
    fit(module, OneVowel(), tmp_path)
    assert module.losses(batch)[0].item() < 0.9 * before


def test_the_loss_does_not_depend_on_the_level() -> None:
    module, batch = made(), OneVowel().batch(0)
    quiet = {"frames": batch["frames"].clone(), "wave": batch["wave"] * 0.1}
    quiet["frames"][..., -1] -= 20
    torch.manual_seed(1)
    loud_loss = module.losses(batch)[0].item()
    torch.manual_seed(1)
    assert module.losses(quiet)[0].item() == pytest.approx(loud_loss, rel=1e-3)


def test_the_corpus_units_are_the_vocoders() -> None:
    mean, spread = torch.randn(80), torch.rand(80) + 0.5
    module = VocoderTraining(FEATURES, VocoderConfig(16, 1, 3, 2), replace(TRAINING, max_steps=1), mean, spread)
    assert torch.equal(module.vocoder.mel_mean, mean) and torch.equal(module.vocoder.mel_std, spread)


def test_what_is_shown_while_training_is_finite() -> None:
    shown = made().samples(OneVowel().batch(0))
    assert shown.sample_rate == 16000
    assert all(x.isfinite().all() for x in [*shown.mels.values(), *shown.waves.values()])
