"""An untrained bundle, a vowel, and its code."""

import numpy as np
import pytest
import torch

from tests.sizes import SMALL
from voicevae import VoiceVAE
from voicevae.bundle import Bundle
from voicevae.code import Code
from voicevae.engine import torch_networks
from voicevae.engine.torch_networks import bundle_of
from voicevae.features import FeatureConfig, extract
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.vocoders.source_filter import VocoderConfig

RATE = 16000


FEATURES = FeatureConfig()


def vowel(seconds: float, f0_hz: float = 150.0, formants: tuple[float, float] = (600, 1800)) -> np.ndarray:
    """A vowel whose pitch sways by two semitones, with a little breath, between two bits of near silence."""
    n = round(seconds * RATE)
    time = np.arange(n) / RATE
    momentary = f0_hz * 2 ** (np.sin(2 * np.pi * 1.5 * time) / 6)
    phase = 2 * np.pi * np.cumsum(momentary) / RATE
    k = np.arange(1, int(3800 / f0_hz))[:, None]
    gain = sum(1 / (1 + ((k * f0_hz - f) / 200) ** 2) for f in formants)
    voice = 0.1 * (gain * np.sin(k * phase + k**2)).sum(0)
    voice *= np.clip(np.minimum(time, time[-1] - time) / 0.05, 0, 1)
    return (voice + np.random.default_rng(0).normal(0, 1e-3, n)).astype(np.float32)


@pytest.fixture(scope="session")
def parts() -> Bundle:
    torch.manual_seed(0)
    vae, vocoder = CVAE(FEATURES.n_channels, SMALL).eval(), SourceFilter(FEATURES, VocoderConfig(16, 2, 3, 2)).eval()
    torch.nn.init.normal_(vae.prior.means.weight, std=2.0)
    vae.mel_std.fill_(2.0)
    vae.statistics_mean[0], vae.statistics_std[:2] = 5.0, 0.1
    vae.statistics_mean[1] = 0.2
    vae.statistics_mean[-FEATURES.n_channels :] = 1.0
    return bundle_of(vae, vocoder, speakers=["ann", "bob"], card="# A card\n", checksum="0123456789ab")


@pytest.fixture(scope="session")
def vv(parts: Bundle) -> VoiceVAE:
    return VoiceVAE(parts, torch_networks.load(parts))


@pytest.fixture(scope="session")
def code(vv: VoiceVAE) -> Code:
    return vv.encode(vowel(1.6))


def cents_between(made: np.ndarray, wanted_log_f0: np.ndarray) -> np.ndarray:
    """Pitch of `made` against `wanted_log_f0` `[T]` in cents, over frames that are voiced in the middle of both."""
    frames = extract(made, FEATURES)
    n = min(len(frames), len(wanted_log_f0))
    inside = frames.voiced[:n] & (np.arange(n) > 8) & (np.arange(n) < n - 8)
    assert inside.sum() > 0.7 * n
    return (1200 / np.log(2) * (frames.log_f0[:n] - wanted_log_f0[:n]))[inside]


def level_db(wave: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(wave.astype(np.float64) ** 2)))
