"""Speech without a recording, and live streams whose F0 is known beforehand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicevae import VoiceVAE, load
from voicevae.features import FeatureConfig
from voicevae.features.prosody import f0
from voicevae.live.change import Setting
from voicevae.live.corpus import Corpus
from voicevae.live.stream import Live

RATE = 16000


class Known:
    """The F0 of a stream that was measured before; it stands still after the end."""

    look_ahead = 320

    def __init__(self, config: FeatureConfig, wave: np.ndarray) -> None:
        self.found = f0(np.concatenate([np.zeros(120, np.float32), wave, np.zeros(8000, np.float32)]), config)
        self.n_samples, self.n_frames = 0, 0

    def feed(self, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.n_samples += len(wave)
        n_frames = max((self.n_samples - self.look_ahead) // 200 + 1, 0)
        frames = np.minimum(np.arange(self.n_frames, n_frames), len(self.found[0]) - 1)
        self.n_frames = n_frames
        return self.found[0][frames], self.found[1][frames]


@pytest.fixture(scope="package")
def vv(small_bundle: Path) -> VoiceVAE:
    return load(small_bundle)


@pytest.fixture(scope="package")
def speech() -> np.ndarray:
    """A vowel of 1.6 s whose pitch sways, with a little breath, float32 at 16 kHz."""
    time = np.arange(round(1.6 * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(150 * 2 ** (np.sin(2 * np.pi * 1.5 * time) / 6)) / RATE
    k = np.arange(1, 25)[:, None]
    gain = sum(1 / (1 + ((k * 150 - formant) / 200) ** 2) for formant in (600, 1800))
    voice = 0.1 * (gain * np.sin(k * phase + k**2)).sum(0) * np.clip(np.minimum(time, time[-1] - time) / 0.05, 0, 1)
    return (voice + np.random.default_rng(0).normal(0, 1e-3, len(time))).astype(np.float32)


@pytest.fixture(scope="package")
def live(vv: VoiceVAE, speech: np.ndarray) -> Callable[..., Live]:
    """f(rate, **settings) -> a stream; of Live's own arguments, tracker, out_rate, gate_db and look_ahead."""

    def make(rate: int = RATE, **settings: Any) -> Live:
        names = ("out_rate", "gate_db", "look_ahead")
        own = {name: settings.pop(name) for name in names if name in settings}
        tracker = settings.pop("tracker", None) or Known(vv.config, speech)
        return Live(
            vv.coder,
            vv.vocoder,
            Corpus.of(vv.coder, vv.bundle),
            tracker,
            rate=rate,
            setting=Setting().changed(**settings),
            resolve=vv.speaker,
            **own,
        )

    return make


def run(stream: Live, wave: np.ndarray, size: int = 320) -> np.ndarray:
    """The whole of a stream that was fed in blocks of `size`."""
    made = [stream.feed(wave[start : start + size]) for start in range(0, len(wave), size)]
    return np.concatenate([*made, stream.flush()])
