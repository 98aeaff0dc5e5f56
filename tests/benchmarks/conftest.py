"""Short voiced sounds, and peers that do a known thing."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.peers import Peer

RATE = 16000


def _vowel(f0_hz: float = 140.0, seconds: float = 1.2) -> np.ndarray:
    """A vowel of 20 partials with a slow glide, between 0.2 s of silence, `[n]`."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(f0_hz * (1 + 0.05 * np.sin(8 * time))) / RATE
    tone = sum(np.sin(k * phase) / (1 + abs(k - 4)) for k in range(1, 21))
    inside = np.clip(20 * np.minimum(time - 0.2, seconds - 0.2 - time), 0, 1)
    noise = np.random.default_rng(0).standard_normal(len(time))
    return (0.1 * tone * inside + 1e-4 * noise).astype(np.float32)


@pytest.fixture(scope="session")
def vowel() -> Callable[..., np.ndarray]:
    """f(F0 in Hz, seconds) -> `[n]` at 16 kHz."""
    return _vowel


@pytest.fixture(scope="session")
def parrot() -> Peer:
    """Gives back what it hears, whatever is asked."""
    return Peer(lambda wave: wave, lambda wave, semitones: wave)
