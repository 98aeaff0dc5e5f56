"""Griffin-Lim's wave has the mel that it was made from, at the time and the level that the mel says."""

import numpy as np
import pytest

from voicevae import MelConfig
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN, VOCOS
from voicevae.vocoders.mel_griffinlim import MelGriffinLim


def voice(config: MelConfig, seconds: float = 0.6) -> np.ndarray:
    n = np.arange(round(seconds * config.sample_rate))
    phase = 2 * np.pi * np.cumsum(140 + 20 * np.sin(4 * np.pi * n / config.sample_rate)) / config.sample_rate
    sound = 0.03 * sum(np.sin(k * phase) for k in range(1, 40)) + np.random.default_rng(0).normal(0, 0.01, len(n))
    return (sound * np.clip((n - len(n) / 3) / 1000, 0, 1)).astype(np.float32)  # begins late


@pytest.mark.parametrize("config", [HIFIGAN, VOCOS, PARALLEL_WAVEGAN], ids=["hifigan", "vocos", "pwg"])
def test_the_wave_has_the_mel(config: MelConfig) -> None:
    wave = voice(config)
    mel = compute_mel(wave, config)
    made = MelGriffinLim(config)(mel)
    assert len(made) == config.n_samples(len(mel)) and made.dtype == np.float32
    again = compute_mel(made, config)
    loud = slice(round(0.5 * len(mel)), -4)
    error = (again - mel)[loud] * config.nats
    assert np.abs(error).mean() < 0.35 and abs(error.mean()) < 0.2
    assert abs(np.argmax(np.abs(made) > 0.05) - np.argmax(np.abs(wave) > 0.05)) < config.hop_length


def test_a_mel_of_another_configuration_is_converted() -> None:
    mel = compute_mel(voice(PARALLEL_WAVEGAN), PARALLEL_WAVEGAN)
    made = MelGriffinLim(HIFIGAN, n_iterations=2)(mel, PARALLEL_WAVEGAN)
    assert abs(len(made) - PARALLEL_WAVEGAN.n_samples(len(mel))) <= HIFIGAN.hop_length
