import numpy as np
import torch

from voicevae.features import FeatureConfig, ordinary_mel
from voicevae.vocoders.griffinlim import griffin_lim

CONFIG = FeatureConfig()


def test_the_sound_has_the_mel_that_it_was_made_from() -> None:
    n = np.arange(16000)
    phase = 2 * np.pi * np.cumsum(140 + 20 * np.sin(2 * np.pi * 2 * n / 16000)) / 16000
    wave = 0.05 * sum(np.sin(k * phase) for k in range(1, 40)) + np.random.default_rng(0).normal(0, 0.01, len(n))
    wanted = ordinary_mel(wave.astype(np.float32), CONFIG)
    made = griffin_lim(torch.from_numpy(wanted), CONFIG)
    assert made.shape == ((len(wanted) - 1) * CONFIG.hop_length,)
    found = ordinary_mel(made.numpy(), CONFIG)
    assert np.abs(found - wanted)[3:-3].mean() < 0.6  # nats
    unlike = ordinary_mel(np.random.default_rng(1).normal(0, wave.std(), len(n)).astype(np.float32), CONFIG)
    assert np.abs(found - wanted)[3:-3].mean() < np.abs(unlike - wanted)[3:-3].mean() / 3


def test_gain_stays() -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    made = griffin_lim(torch.from_numpy(ordinary_mel(wave, CONFIG)), CONFIG).numpy()
    assert 0.8 < made.std() / wave.std() < 1.25
