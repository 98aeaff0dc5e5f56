"""F0 and voicing by swift-f0, on the frame grid of the mel."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicevae import threads
from voicevae.features.conditioning import gain
from voicevae.features.config import FeatureConfig

if TYPE_CHECKING:
    from swift_f0 import PitchResult, SwiftF0

BLOCK = 656 * 256  # samples, 10.5 s at 16 kHz, that the detector sees at a time: bounds its memory
CONTEXT = 21 * 256  # of these, samples that it keeps of the block before: equal lengths need the memory of one
LEVEL_DB = -20.0  # of the loud frames of what the detector gets, whose confidence falls with level
BEYOND_S = 0.2  # how long F0 lies beyond the range before that is said
VOICED = 0.5  # swift-f0 calibrates its confidence so that 0.5 parts voiced from unvoiced


def _loaded(n_threads: int) -> "SwiftF0":
    import swift_f0  # which brings onnxruntime: not all that reads this module hears a sound

    detector = swift_f0.SwiftF0.__new__(swift_f0.SwiftF0)
    detector.session = threads.session(Path(swift_f0.__file__).with_name("model.onnx"), n_threads, arena=True)
    return detector


detector = threads.Once(_loaded)
"""swift-f0 on so many threads, kept."""


def prepare() -> None:
    """Load the detector in a thread beside."""
    n_threads = threads.count()
    threads.meanwhile(lambda: detector(n_threads))


def f0(
    wave: np.ndarray, config: FeatureConfig, progress: Callable[[float], object] = lambda share: None
) -> tuple[np.ndarray, np.ndarray]:
    """F0 of a recording.

    Args:
        wave: mono samples `[n]`, float32, at `config.sample_rate`.
        config: gives the frame grid and the F0 range in Hz.
        progress: is called with each share of the work as it is done; they sum to 1.

    Returns:
        log_f0: `[T]`, natural log of Hz, interpolated linearly through unvoiced frames.
        voicing: `[T]`, 0..1, voiced at `VOICED` and above.
    """
    if len(wave) < 2 * config.win_length:  # the detector needs some context
        wave = np.pad(wave, (0, 2 * config.win_length - len(wave)))
    level = gain(wave, config.hop_length, LEVEL_DB)
    result = _detected(wave, level, config.sample_rate, progress)
    beyond = (result.pitch_hz < config.f0_min_hz) | (result.pitch_hz > config.f0_max_hz)
    _say_beyond(result.timestamps, beyond & (result.confidence >= VOICED), config)
    result.confidence[beyond] = 0.0
    n_frames = config.n_frames(len(wave))
    times = np.arange(n_frames) / config.frame_rate
    voicing = np.interp(times, result.timestamps, result.confidence)
    voiced = result.confidence >= VOICED
    if not voiced.any():
        fallback = np.log(np.sqrt(config.f0_min_hz * config.f0_max_hz))
        return np.full(n_frames, fallback, np.float32), voicing.astype(np.float32)
    log_f0 = np.interp(times, result.timestamps[voiced], np.log(result.pitch_hz[voiced]))
    return log_f0.astype(np.float32), voicing.astype(np.float32)


def _detected(
    wave: np.ndarray, level: np.float32, sample_rate: int, progress: Callable[[float], object]
) -> "PitchResult":
    """What swift-f0 finds in `wave` `[n]` at the gain `level`, at once or, where it is long, block by block."""
    swift = detector(threads.count())
    if len(wave) <= BLOCK:
        found = swift.detect(wave * level, sample_rate)
        progress(1.0)
        return found
    stream, results, start = swift.stream(), [], 0
    while start < len(wave):
        block = wave[start : start + (BLOCK - CONTEXT if start else BLOCK)]
        start += len(block)
        results.append(stream.push(block * level, sample_rate))
        progress(len(block) / len(wave))
    from swift_f0 import concat

    return concat([*results, stream.flush()])


def _say_beyond(times: np.ndarray, beyond: np.ndarray, config: FeatureConfig) -> None:
    """Warn where F0 was found `beyond` `[T]` the range for a while; `times` `[T]` in seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], beyond, [False]]).astype(np.int8))).reshape(-1, 2)
    spans = [(times[start], times[end - 1]) for start, end in edges if times[end - 1] - times[start] >= BEYOND_S]
    if spans:
        said = ", ".join(f"{start:.2f} to {end:.2f} s" for start, end in spans)
        limits = f"{config.f0_min_hz:g} to {config.f0_max_hz:g} Hz"
        warnings.warn(f"F0 at {said} lies outside {limits} and counts as unvoiced: no edit moves it.", stacklevel=3)
