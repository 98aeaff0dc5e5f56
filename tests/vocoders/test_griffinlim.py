"""Griffin-Lim's wave has the mel that it was made from, at the time and the level that the mel says."""

import numpy as np
import pytest
import torch
import torchaudio

from voicevae import MelConfig
from voicevae.features import FeatureConfig, ordinary_mel
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN, TACOTRON2, VOCOS, ordinary
from voicevae.vocoders.griffinlim import GriffinLim, wave_of

OURS = ordinary(FeatureConfig())


def voice(config: MelConfig, seconds: float = 0.6) -> np.ndarray:
    n = np.arange(round(seconds * config.sample_rate))
    phase = 2 * np.pi * np.cumsum(140 + 20 * np.sin(4 * np.pi * n / config.sample_rate)) / config.sample_rate
    sound = 0.03 * sum(np.sin(k * phase) for k in range(1, 40)) + np.random.default_rng(0).normal(0, 0.01, len(n))
    return (sound * np.clip((n - len(n) / 3) / 1000, 0, 1)).astype(np.float32)  # begins late


@pytest.mark.parametrize("config", [HIFIGAN, VOCOS, PARALLEL_WAVEGAN, OURS], ids=["hifigan", "vocos", "pwg", "ours"])
def test_the_wave_has_the_mel(config: MelConfig) -> None:
    wave = voice(config)
    mel = compute_mel(wave, config)
    made = GriffinLim(config)(mel)
    assert len(made) == config.n_samples(len(mel)) and made.dtype == np.float32
    again = compute_mel(made, config)
    loud = slice(round(0.5 * len(mel)), -4)
    error = (again - mel)[loud] * config.nats
    assert np.abs(error).mean() < 0.35 and abs(error.mean()) < 0.2
    assert abs(np.argmax(np.abs(made) > 0.05) - np.argmax(np.abs(wave) > 0.05)) < config.hop_length


def test_a_mel_of_another_configuration_is_converted() -> None:
    mel = compute_mel(voice(PARALLEL_WAVEGAN), PARALLEL_WAVEGAN)
    made = GriffinLim(HIFIGAN, n_iterations=2)(mel, PARALLEL_WAVEGAN)
    assert abs(len(made) - PARALLEL_WAVEGAN.n_samples(len(mel))) <= HIFIGAN.hop_length


def test_gain_stays() -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    made = GriffinLim(OURS)(ordinary_mel(wave, FeatureConfig()))
    assert 0.8 < made.std() / wave.std() < 1.25


def test_phases_are_torchaudios() -> None:
    c = TACOTRON2
    window = torch.hann_window(c.win_length)
    shown = torch.stft(
        torch.from_numpy(voice(c)), c.n_fft, c.hop_length, c.win_length, window, return_complex=True
    ).abs()
    expected = torchaudio.functional.griffinlim(
        shown, window, c.n_fft, c.hop_length, c.win_length, 1.0, 4, 0.99, None, rand_init=False
    )
    np.testing.assert_allclose(wave_of(shown.T.numpy(), c, 4), expected, atol=1e-5)
