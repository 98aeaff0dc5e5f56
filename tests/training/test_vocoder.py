from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.experiment import OneVowel
from voicevae.features import FeatureConfig
from voicevae.training.run import fit
from voicevae.training.settings import TrainingConfig
from voicevae.training.vocoder import EDGE_FRAMES, VocoderTraining
from voicevae.vocoders.source_filter import VocoderConfig

pytestmark = pytest.mark.filterwarnings("ignore")

FEATURES = FeatureConfig()
TRAINING = TrainingConfig(
    max_steps=20, batch_size=2, learning_rate=1e-2, ema_decay=0.5, warmup_steps=1, checkpoint_steps=100
)


def made(gain: float = 1.0) -> VocoderTraining:
    torch.manual_seed(0)
    bands = torch.zeros(FEATURES.n_channels)
    return VocoderTraining(FEATURES, VocoderConfig(32, 1, 5, 2), TRAINING, bands, bands + 2)


def test_a_few_steps_lower_the_loss(tmp_path: Path) -> None:
    module, batch = made(), OneVowel(FEATURES).batch(0)
    before = module.losses(batch)[0].item()
    fit(module, OneVowel(FEATURES), tmp_path)
    assert module.losses(batch)[0].item() < 0.9 * before


def test_the_loss_is_the_sum_of_its_parts_and_loudness_weighs_five() -> None:
    loss, parts = made().losses(OneVowel(FEATURES).batch(0))
    assert loss.item() == pytest.approx(sum(part.item() for part in parts.values()) + 4 * parts["loudness"].item())


def test_the_ends_of_a_crop_do_not_count() -> None:
    batch = OneVowel(FEATURES).batch(0)
    edge = EDGE_FRAMES * FEATURES.hop_length
    made_wave, wave = made().pair(batch["frames"], batch["wave"])
    assert made_wave.shape == wave.shape == (2, batch["wave"].shape[1] - 2 * edge)
    gain = 0.1 / batch["wave"].square().mean(1, keepdim=True).sqrt()
    torch.testing.assert_close(wave, gain * batch["wave"][:, edge:-edge])


def test_the_loss_does_not_depend_on_the_level() -> None:
    module, batch = made(), OneVowel(FEATURES).batch(0)
    quiet = {"frames": batch["frames"].clone(), "wave": batch["wave"] * 0.1}
    quiet["frames"][..., -1] -= 20
    torch.manual_seed(1)
    loud_loss = module.losses(batch)[0].item()
    torch.manual_seed(1)
    assert module.losses(quiet)[0].item() == pytest.approx(loud_loss, rel=1e-3)


def test_the_corpus_units_are_the_vocoders() -> None:
    mean, std = torch.randn(FEATURES.n_channels), torch.rand(FEATURES.n_channels) + 0.5
    module = VocoderTraining(FEATURES, VocoderConfig(16, 1, 3, 2), replace(TRAINING, max_steps=1), mean, std)
    assert torch.equal(module.vocoder.mel_mean, mean) and torch.equal(module.vocoder.mel_std, std)


def test_what_is_shown_while_training_is_finite() -> None:
    shown = made().samples(OneVowel(FEATURES).batch(0))
    assert shown.sample_rate == 16000
    assert all(x.isfinite().all() for x in [*shown.mels.values(), *shown.waves.values()])
