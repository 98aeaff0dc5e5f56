"""Generated corpora: harmonic sounds with a known pitch a speaker."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

RATE = 16000
PITCH_HZ = {"anna": 220.0, "bert": 110.0, "cleo": 180.0, "dirk": 130.0}


def harmonic(f0_hz: float, seconds: float, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Ten harmonics that swell three times a second, and a little noise, `[n]`."""
    time = np.arange(round(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * f0_hz * k * time) / k for k in range(1, 11))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)
    noise = np.random.default_rng(seed).standard_normal(len(time))
    return (0.15 * tone * swell + 0.001 * noise).astype(np.float32)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Four speakers, three utterances each, of 0.8, 1.1 and 1.4 s."""
    folder = tmp_path / "corpus"
    for speaker, f0_hz in PITCH_HZ.items():
        (folder / speaker).mkdir(parents=True)
        for i in range(3):
            sf.write(folder / speaker / f"u{i}.wav", harmonic(f0_hz, 0.8 + 0.3 * i, seed=i), RATE)
    return folder


@pytest.fixture
def sound() -> Callable[..., np.ndarray]:
    return harmonic
