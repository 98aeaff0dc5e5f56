"""Sounds that are no clean speech, and whether a peer survives them: nothing infinite, no burst, level kept."""

from dataclasses import dataclass

import librosa
import numpy as np
from scipy.signal import lfilter

from benchmarks.measures import fitted
from benchmarks.peers import Peer
from voicevae.evaluation.metrics import pitch
from voicevae.features import FeatureConfig

SHIFTS = (0.0, 4.0)  # semitones
LEVEL_DB, BURST_DB = 3.0, 6.0
FLOOR = 1e-6  # power, -60 dB of full scale: below it a level is as good as silence
FRAME_S = 0.02
NEAR_FRAMES = 3  # a burst is louder than all of the source this near
LPC_ORDER = 18


@dataclass(frozen=True)
class Survival:
    """level_db, burst_db: the worst over `SHIFTS`: change of the whole's level, and of the frame that rose most."""

    finite: bool
    level_db: float
    burst_db: float

    @property
    def survived(self) -> bool:
        """Whether nothing went wrong."""
        return self.finite and abs(self.level_db) <= LEVEL_DB and self.burst_db <= BURST_DB


def make(first: np.ndarray, second: np.ndarray, config: FeatureConfig, seed: int = 0) -> dict[str, np.ndarray]:
    """The sounds `[n]`, made of the speech of two speakers, `first` and `second` `[n]`."""
    rng, rate = np.random.default_rng(seed), config.sample_rate
    n = min(len(first), len(second))
    third = len(first) // 3
    gap = first.copy()
    gap[third : 2 * third] = 0
    sounds = {
        "digital silence": np.zeros(rate),
        "speech around digital silence": gap,
        "white noise": 0.1 * rng.standard_normal(2 * rate),
        "whisper": whispered(first, rate, rng),
        "laughter": laughing(first, config),
        "two speakers at once": 0.7 * (first[:n] + second[:n]),
        "chords": chords(rate),
    }
    return {name: sound.astype(np.float32) for name, sound in sounds.items()}


def survive(peer: Peer, sound: np.ndarray, config: FeatureConfig) -> Survival:
    """What `peer` makes of `sound` `[n]`, as it is and shifted."""
    features = peer.analyse(sound)
    made = [fitted(peer.synthesize(features, amount), len(sound)) for amount in peer.amounts(SHIFTS)]
    if not all(np.isfinite(wave).all() for wave in made):
        return Survival(False, float("nan"), float("nan"))
    levels = [level_db(sound, wave) for wave in made]
    return Survival(True, max(levels, key=abs), max(burst_db(sound, wave, config.sample_rate) for wave in made))


def level_db(source: np.ndarray, made: np.ndarray) -> float:
    """Level of `made` `[n]` over that of `source` `[n]`, dB."""
    return float(10 * np.log10((np.mean(made**2) + FLOOR) / (np.mean(source**2) + FLOOR)))


def burst_db(source: np.ndarray, made: np.ndarray, sample_rate: int) -> float:
    """The most that a frame of 20 ms of `made` `[n]` is louder than any near it in `source` `[n]`, dB."""
    before, after = (_frame_power(wave, sample_rate) for wave in (source, made))
    padded = np.pad(before, NEAR_FRAMES)
    loudest = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEAR_FRAMES + 1).max(1)
    return float(10 * np.log10((after + FLOOR) / (loudest + FLOOR)).max())


def whispered(wave: np.ndarray, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """`wave` `[n]` with its voice replaced by noise: linear prediction a frame, excited by noise of its power."""
    length = round(0.025 * sample_rate) // 2 * 2
    window = np.hanning(length + 1)[:-1]
    made = np.zeros(len(wave))
    for start in range(0, len(wave) - length, length // 2):
        frame = window * wave[start : start + length]
        if frame.any():
            filtered = lfilter([1.0], librosa.lpc(frame, order=LPC_ORDER), rng.standard_normal(length))
            made[start : start + length] += frame.std() / filtered.std() * filtered
    return made


def laughing(wave: np.ndarray, config: FeatureConfig, n_bursts: int = 8) -> np.ndarray:
    """Five bursts a second of the loudest voiced 120 ms of `wave` `[n]`, each starting hard and dying away."""
    rate, length = config.sample_rate, round(0.12 * config.sample_rate)
    track = pitch.measure(wave, config)
    starts = np.flatnonzero(track.voiced) * config.hop_length
    starts = starts[starts + length <= len(wave)] if (starts + length <= len(wave)).any() else np.array([0])
    best = max(starts, key=lambda start: float(np.sum(wave[start : start + length] ** 2)))
    vowel = wave[best : best + length]
    burst = np.pad(vowel * np.linspace(1, 0, len(vowel)) ** 1.5, (0, max(rate // 5 - len(vowel), 0)))
    return np.concatenate([burst * 0.85**i for i in range(n_bursts)])


def chords(sample_rate: int, seconds: float = 2.5) -> np.ndarray:
    """Three notes of six partials each, struck anew every half second, `[n]`."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    notes = sum(np.sin(2 * np.pi * k * f0 * time) / k for f0 in (220.0, 277.2, 329.6) for k in range(1, 7))
    return 0.08 * notes * np.exp(-4 * (time % 0.5))


def _frame_power(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    length = round(FRAME_S * sample_rate)
    return np.mean(wave[: len(wave) // length * length].reshape(-1, length) ** 2, 1)
