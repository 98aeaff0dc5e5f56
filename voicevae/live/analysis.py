"""Frames of a stream, 20 ms behind it: the features of `voicevae.features`, measured as the samples come."""

from typing import Protocol

import numpy as np

from voicevae.features import LEVEL_DB, VOICED, FeatureConfig, Frames, at_level
from voicevae.features.mel import harmonic_free
from voicevae.live.statistics import RunningLevel
from voicevae.live.steps import STEP_FRAMES, shifted

OFFSET_HZ = 8.0  # slower parts are offset, as in `voicevae.features.conditioning`


class Tracker(Protocol):
    """F0 of a stream, which is fed a step at a time."""

    look_ahead: int
    """Samples after the centre of a frame that it waits for."""

    def feed(self, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log-F0 (ln Hz) and voicing (0..1), `[k]` each, of the frames that samples `[n]` complete."""


class Analysis:
    """Frames of one stream of mono speech at `config.sample_rate`, a step at a time.

    Frame `t` is centred on sample `t * hop_length - lead - delay`, where `delay` is what the tracker waits for beyond
    the frame's window.
    """

    def __init__(self, config: FeatureConfig, tracker: Tracker, level: RunningLevel) -> None:
        self.config, self.tracker, self.level = config, tracker, level
        self.n_samples = STEP_FRAMES * config.hop_length
        half = config.win_length // 2
        self.delay = max(tracker.look_ahead - half, 0)
        self.late = np.zeros(self.delay, np.float32)
        self.lead = (half + (STEP_FRAMES - 1) * config.hop_length) % self.n_samples
        self.filter = HighPass(OFFSET_HZ / config.sample_rate, self.n_samples)
        self.sound = np.zeros(config.n_fft + (STEP_FRAMES - 1) * config.hop_length, np.float32)
        self.log_f0, self.voicing = tracker.feed(np.zeros(self.lead + self.delay, np.float32))

    def feed(self, wave: np.ndarray) -> Frames:
        """The `STEP_FRAMES` frames that samples `[n_samples]` complete."""
        config, margin = self.config, (self.config.n_fft - self.config.win_length) // 2
        wave = self.filter(wave)
        log_f0, voicing = self._f0(wave)
        self.late = np.concatenate([self.late, wave])
        self.sound, self.late = shifted(self.sound, self.late[: len(wave)], margin), self.late[len(wave) :]
        voiced = voicing >= VOICED
        gain = np.float32(10 ** ((LEVEL_DB - self.level.db) / 20))
        mel, loudness_db = harmonic_free(self.sound * gain, np.exp(log_f0), voiced, config, centred=False)
        return Frames(mel, log_f0, voicing, at_level(loudness_db, gain))

    def _f0(self, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log-F0 and voicing of the step, `[STEP_FRAMES]` each; the tracker may be further, or has not begun."""
        log_f0, voicing = self.tracker.feed(wave)
        self.log_f0, self.voicing = np.append(self.log_f0, log_f0), np.append(self.voicing, voicing)
        found = self.log_f0[:STEP_FRAMES], self.voicing[:STEP_FRAMES]
        self.log_f0, self.voicing = self.log_f0[STEP_FRAMES:], self.voicing[STEP_FRAMES:]
        return found


class HighPass:
    """First-order filter that takes the offset off, for blocks of `n` samples: y[i] = x[i] - x[i-1] + r y[i-1]."""

    def __init__(self, cutoff: float, n: int) -> None:
        """`cutoff` is a share of the sample rate."""
        decay = np.exp(-2 * np.pi * cutoff)
        self.powers = decay ** np.arange(1, n + 1)
        self.last_in, self.last_out = 0.0, 0.0

    def __call__(self, wave: np.ndarray) -> np.ndarray:
        """Filtered samples `[n]`, float32."""
        steps = np.diff(wave.astype(np.float64), prepend=self.last_in)
        made = self.powers * (np.cumsum(steps / self.powers) + self.last_out)
        self.last_in, self.last_out = float(wave[-1]), float(made[-1])
        return made.astype(np.float32)
