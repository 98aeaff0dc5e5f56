"""What speech costs: time and memory of making 10 s of it from features, each in a process of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.processes import fresh
from voicevae.evaluation.metrics.cost import SECONDS, loop, real_time_factor
from voicevae.features import FeatureConfig

SHIFT = 4.0  # semitones, of those that work on waves only when they shift
THREADS = (1, 2)


@dataclass(frozen=True)
class Cost:
    """rtf: seconds of work a second of sound, the median of five runs after one. memory_mb: the process' peak over
    what it held with its libraries imported; weights count."""

    rtf: float
    memory_mb: float


def measure(name: str, wave: np.ndarray, config: FeatureConfig, path: Path | None, n_threads: int) -> Cost:
    """Cost of making 10 s of `wave` `[n]`, repeated or cut, from its features; of ours with the bundle at `path`."""
    peer = peers.load(name, config, path)
    features = peer.analyse(loop(wave, SECONDS, config.sample_rate))
    semitones = SHIFT if peer.shifts else 0.0
    with fresh(1) as pool:
        return pool.submit(_measure, name, features, semitones, config, path, n_threads).result()


def _measure(
    name: str, features: Any, semitones: float, config: FeatureConfig, path: Path | None, n_threads: int
) -> Cost:
    peers.library(name)
    forget_peak()
    bare = peak_mb()
    peer = peers.load(name, config, path)
    rtf = real_time_factor(lambda: peer.synthesize(features, semitones), SECONDS, n_threads)
    return Cost(rtf, peak_mb() - bare)
