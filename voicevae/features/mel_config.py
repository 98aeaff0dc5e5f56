"""Configuration of a mel: of a TTS system, of a vocoder, or of this package.

config = MelConfig(22050, hop_length=256, win_length=1024, n_fft=1024, n_mels=80, f_min_hz=0, f_max_hz=8000)

The constants below are published ones. Means, standard deviations or reference levels that a recipe subtracts from its
log-mel afterwards are not part of this: undo them first.
"""

import math
from dataclasses import dataclass

import numpy as np

from voicevae.errors import VoiceVAEError
from voicevae.features.config import FeatureConfig

COUNTS = ("sample_rate", "hop_length", "win_length", "n_fft", "n_mels")
CHOICES = {
    "scale": ("slaney", "htk"),
    "norm": ("slaney", "none", "mean"),
    "power": (1, 2),
    "log": ("natural", "log10", "db"),
    "padding": ("center", "same"),
}


@dataclass(frozen=True)
class MelConfig:
    """Rates in Hz, lengths in samples; a Hann window of `win_length` in the middle of `n_fft`.

    scale: the mel scale, "slaney" (librosa's default) or "htk" (torchaudio's).
    norm: of the triangular filters: "slaney" (area 1 over Hz), "none" (peak 1) or "mean" (weights sum to 1, HTK only).
    power: 1 sums magnitudes, 2 power.
    log: "natural", "log10", or "db" (10 log10 of power, 20 log10 of magnitude).
    floor: the least value of a band, before the log.
    padding: "center": frame `t` stands at sample `t * hop_length`; "same": half a hop later (HiFi-GAN).
    window_norm: spectra are divided by the window's norm, so that white noise of unit variance has power 1.

    Raises:
        VoiceVAEError: a field has no sense; the sentence names it.
    """

    sample_rate: int
    hop_length: int
    win_length: int
    n_fft: int
    n_mels: int
    f_min_hz: float
    f_max_hz: float
    scale: str = "slaney"
    norm: str = "slaney"
    power: int = 1
    log: str = "natural"
    floor: float = 1e-5
    padding: str = "center"
    window_norm: bool = False

    def __post_init__(self) -> None:
        for name in COUNTS:
            self._demand(name, isinstance(value := getattr(self, name), int) and value > 0, "a whole number above 0")
        for name in ("f_min_hz", "f_max_hz", "floor"):
            self._demand(name, isinstance(getattr(self, name), int | float), "a number")
        for name, choices in CHOICES.items():
            self._demand(name, getattr(self, name) in choices, "one of " + ", ".join(map(str, choices)))
        self._demand("win_length", self.win_length <= self.n_fft, f"at most n_fft, {self.n_fft}")
        self._demand("hop_length", 2 * self.hop_length <= self.win_length, f"at most half of {self.win_length=}")
        self._demand("f_max_hz", self.f_max_hz <= self.sample_rate / 2, f"at most half of {self.sample_rate=}")
        self._demand("f_min_hz", 0 <= self.f_min_hz < self.f_max_hz, f"from 0 to less than {self.f_max_hz=}")
        self._demand("floor", 0 < self.floor < math.inf, "a number above 0")
        self._demand("norm", self.norm != "mean" or self.scale == "htk", 'slaney or none where scale is "slaney"')

    def _demand(self, name: str, fits: bool, wanted: str) -> None:
        if not fits:
            wanted = wanted.replace("self.", "")
            raise VoiceVAEError(f"The mel configuration's {name} is {getattr(self, name)!r}; give {wanted}.")

    @property
    def hop_s(self) -> float:
        """Seconds from frame to frame."""
        return self.hop_length / self.sample_rate

    @property
    def nats(self) -> float:
        """Natural log of a band, for 1 in the log-mel."""
        return {"natural": 1.0, "log10": math.log(10), "db": self.power * math.log(10) / 20}[self.log]

    def n_frames(self, n_samples: int) -> int:
        """Frames of a sound of `n_samples`."""
        return n_samples // self.hop_length + (self.padding == "center")

    def n_samples(self, n_frames: int) -> int:
        """Samples that `n_frames` certainly stand for: the fewest that give as many."""
        return (n_frames - (self.padding == "center")) * self.hop_length

    def times(self, n_frames: int) -> np.ndarray:
        """Where the frames stand, in seconds `[n_frames]`."""
        return (np.arange(n_frames) + (0.5 if self.padding == "same" else 0.0)) * self.hop_s


def ordinary(features: FeatureConfig) -> MelConfig:
    """Of `features.ordinary_mel`."""
    return MelConfig(
        features.sample_rate,
        features.hop_length,
        features.win_length,
        features.n_fft,
        features.n_mels,
        features.f_min_hz,
        features.f_max_hz,
        scale="htk",
        norm="mean",
        power=2,
        floor=1e-10,
        window_norm=True,
    )


HIFIGAN = MelConfig(22050, 256, 1024, 1024, 80, 0.0, 8000.0, padding="same")
"""HiFi-GAN's published models (jik876), and systems that feed them, as Matcha-TTS does."""

TACOTRON2 = MelConfig(22050, 256, 1024, 1024, 80, 0.0, 8000.0)
"""NVIDIA's Tacotron 2, FastPitch and WaveGlow."""

VOCOS = MelConfig(24000, 256, 1024, 1024, 100, 0.0, 12000.0, scale="htk", norm="none", floor=1e-7)
"""vocos-mel-24khz (gemelo-ai), and systems that feed it, as F5-TTS does."""

PARALLEL_WAVEGAN = MelConfig(22050, 256, 1024, 1024, 80, 80.0, 7600.0, log="log10", floor=1e-10)
"""kan-bayashi's recipe for LJSpeech, before its mean and standard deviation are taken out."""
