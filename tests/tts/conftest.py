"""Speech that needs no recording: two hummed phrases with a pause between."""

from pathlib import Path

import numpy as np
import pytest
import torch

from voicevae import VoiceVAE, load

RATE = 16000


@pytest.fixture(scope="package")
def vv(small_bundle: Path) -> VoiceVAE:
    torch.set_num_threads(1)
    return load(small_bundle)


def phrase(seconds: float, f0_hz: float) -> np.ndarray:
    """A vowel whose pitch falls by four semitones, with a little breath."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(f0_hz * 2 ** ((0.5 - time / seconds) / 3)) / RATE
    k = np.arange(1, int(3800 / f0_hz))[:, None]
    gain = sum(1 / (1 + ((k * f0_hz - formant) / 200) ** 2) for formant in (600, 1800))
    voice = 0.1 * (gain * np.sin(k * phase + k**2)).sum(0)
    return voice * np.clip(np.minimum(time, time[-1] - time) / 0.05, 0, 1)


@pytest.fixture(scope="package")
def speech() -> np.ndarray:
    """3.2 s, float32 at 16 kHz; a pause at 1.3-1.7 s."""
    wave = np.concatenate([phrase(1.3, 140), np.zeros(round(0.4 * RATE)), phrase(1.5, 180)])
    return (wave + np.random.default_rng(0).normal(0, 3e-4, len(wave))).astype(np.float32)
