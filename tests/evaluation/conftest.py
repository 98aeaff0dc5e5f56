"""Voices that do a known thing, and generated corpora."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf

from voicevae.features import FeatureConfig, extract

RATE = 16000


@dataclass
class FakeCode:
    """A wave, and latents made of its mel: content, its first bands, prosody, what prosody's rate leaves of it."""

    wave: np.ndarray
    content: np.ndarray
    prosody: np.ndarray
    speaker: SimpleNamespace
    mel_residual: np.ndarray | None = None

    def edit(self, speaker: SimpleNamespace | None = None, **edits: float) -> "FakeCode":
        return replace(self, speaker=speaker or self.speaker)


class Unchanged:
    """A voice that converts to the source itself, and edits only level and duration (samples repeated or dropped)."""

    config, sample_rate, checksum = FeatureConfig(), RATE, "0123456789ab"

    def encode(self, wave: np.ndarray, sample_rate: int, residual: bool = True) -> FakeCode:
        mel = extract(wave, self.config).mel
        return FakeCode(wave, mel[::2, :6], mel[::4, 6:12], SimpleNamespace(z=mel[:, ::10].mean(0)))

    def decode(self, code: FakeCode, seed: int = 0) -> np.ndarray:
        return code.wave

    def speaker(self, wave: np.ndarray, sample_rate: int) -> SimpleNamespace:
        return SimpleNamespace(wave=wave)

    def convert(self, wave: np.ndarray, sample_rate: int, voice: np.ndarray, seed: int = 0) -> np.ndarray:
        return wave

    def modulate(self, wave: np.ndarray, sample_rate: int, **edits: float) -> np.ndarray:
        index = np.arange(round(len(wave) / edits.get("rate", 1.0))) * edits.get("rate", 1.0)
        return wave[index.astype(int)] * np.float32(10 ** (edits.get("energy_db", 0.0) / 20))


class Target(Unchanged):
    """A voice whose conversion is the reference itself, repeated or cut to the source's length."""

    def convert(self, wave: np.ndarray, sample_rate: int, voice: np.ndarray, seed: int = 0) -> np.ndarray:
        return np.resize(voice, len(wave))

    def decode(self, code: FakeCode, seed: int = 0) -> np.ndarray:
        return np.resize(getattr(code.speaker, "wave", code.wave), len(code.wave))


def _harmonic(f0_hz: float | np.ndarray, seconds: float, seed: int = 0) -> np.ndarray:
    """Ten harmonics with silence at both ends, `[n]`; f0_hz a number or a contour `[n]`."""
    n = round(seconds * RATE)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(f0_hz, n)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 11))
    time = np.arange(n) / RATE
    inside = (time > 0.2) & (time < seconds - 0.2)
    noise = np.random.default_rng(seed).standard_normal(n)
    return (0.15 * tone * inside + 0.0005 * noise).astype(np.float32)


@pytest.fixture(scope="session")
def unchanged() -> Unchanged:
    return Unchanged()


@pytest.fixture(scope="session")
def target() -> Target:
    return Target()


@pytest.fixture
def harmonic() -> Callable[..., np.ndarray]:
    """f(F0 in Hz or contour `[n]`, seconds) -> `[n]`."""
    return _harmonic


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dev speakers of four utterances and two known ones of five, at their own pitch each; not to be written to."""
    folder = tmp_path_factory.mktemp("recordings") / "corpus"
    lines = ["utt_id,corpus,speaker,path,split"]
    for i, (speaker, split, n) in enumerate([("a", "dev", 4), ("b", "dev", 4), ("c", "train", 5), ("d", "train", 5)]):
        (folder / "set" / speaker).mkdir(parents=True)
        for k in range(n):
            name = f"set/{speaker}/{speaker}{k}.wav"
            sf.write(folder / name, _harmonic(100.0 * 1.3**i, 2.0 + 0.1 * k, seed=k), RATE)
            lines.append(f"{speaker}{k},set,{speaker},{name},{split}")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    return folder


class Ears:
    """A recogniser that hears the same words in everything, and nothing in silence."""

    name = "ears"

    def __init__(self, words: str) -> None:
        self.words = words

    def knows(self, language: str) -> bool:
        return True

    def transcribe(self, wave: np.ndarray, sample_rate: int, language: str = "") -> str:
        return self.words if np.abs(wave).max() > 1e-3 else ""


@pytest.fixture
def ears() -> type[Ears]:
    return Ears
