"""Sound to frames: harmonic-free mel, F0, voicing and loudness on one grid.

    frames = extract(wave, FeatureConfig())

`mel` holds timbre, `log_f0` pitch and `loudness_db` level, each without the others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from voicevae.features import mel as _mel
from voicevae.features.conditioning import gain, remove_offset
from voicevae.features.config import FeatureConfig
from voicevae.features.contours import Contours, RelativeContours
from voicevae.features.prosody import VOICED, f0

LEVEL_DB = -15.0  # of the loud frames of what is measured, above the floor of the spectrum
SILENCE_DB = 10 * float(np.log10(_mel.POWER_FLOOR))  # loudness of digital silence beside loud speech
BLOCK_FRAMES = 100  # fits a processor's cache (`voicevae.features.stft`)


@dataclass
class Frames:
    """Features of one recording, all float32 with the same number of frames `T`.

    mel: `[T, n_channels]`, natural log of power relative to the frame's mean, and harmonicity; log_f0: `[T]`, ln Hz,
    interpolated through unvoiced frames; voicing: `[T]`, 0..1; loudness_db: `[T]`, dB of full scale.
    """

    mel: np.ndarray
    log_f0: np.ndarray
    voicing: np.ndarray
    loudness_db: np.ndarray

    def __len__(self) -> int:
        return len(self.mel)

    @property
    def voiced(self) -> np.ndarray:
        """`[T]` bool."""
        return self.voicing >= VOICED

    @property
    def contours(self) -> Contours:
        """Without the mel."""
        return Contours(self.log_f0, self.voicing, self.loudness_db)

    def array(self) -> np.ndarray:
        """All features as columns `[T, n_channels + 3]`: mel, log_f0, voicing, loudness_db."""
        return np.concatenate([self.mel, np.stack([self.log_f0, self.voicing, self.loudness_db], 1)], 1)

    @staticmethod
    def from_array(array: np.ndarray) -> "Frames":
        """The inverse of `array`: from columns `[T, n_channels + 3]`."""
        return Frames(array[:, :-3], array[:, -3], array[:, -2], array[:, -1])


def extract(
    wave: np.ndarray,
    config: FeatureConfig,
    progress: Callable[[float], object] = lambda share: None,
    overwrite: bool = False,
) -> Frames:
    """Features of `wave` `[n]`, mono float32 at `config.sample_rate`: `n // hop_length + 1` frames.

    An offset counts for nothing, and the level of the whole for `loudness_db` alone.

    `progress` is called with each share of the work as it is done; they sum to 1. With `overwrite`, `wave` is used up,
    and its memory freed as the frames need theirs.
    """
    wave = wave if overwrite else np.array(wave, np.float32)
    remove_offset(wave, config.sample_rate)
    level = gain(wave, config.hop_length, LEVEL_DB)
    wave *= level
    log_f0, voicing = f0(wave, config, lambda share: progress(share / 2))
    n_frames = config.n_frames(len(wave))
    log_f0, voicing = log_f0[:n_frames], voicing[:n_frames]
    f0_hz, voiced = np.exp(log_f0), voicing >= VOICED
    mel, loudness_db = np.empty((n_frames, config.n_channels), np.float32), np.empty(n_frames, np.float32)
    for block, span in _blocks(wave, n_frames, config):
        if wave.flags.owndata:
            wave.resize(min(len(wave), config.hop_length * span.start + config.n_fft // 2), refcheck=False)
        mel[span], loudness_db[span] = _mel.harmonic_free(block, f0_hz[span], voiced[span], config, centred=False)
        progress((span.stop - span.start) / n_frames / 2)
    return Frames(mel, log_f0, voicing, at_level(loudness_db, level))


def at_level(loudness_db: np.ndarray, level: np.float32) -> np.ndarray:
    """The loudness `[T]` before the gain `level`; digital silence, at the floor, is none the louder for it."""
    asked = loudness_db - 20 * np.log10(level)
    return np.where(loudness_db < SILENCE_DB + 0.01, np.minimum(asked, SILENCE_DB), asked).astype(np.float32)


def ordinary_mel(wave: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Ordinary log-mel `[T, n_mels]`, natural log of power, for plots and Griffin-Lim."""
    n_frames = config.n_frames(len(wave))
    mel = np.empty((n_frames, config.n_mels), np.float32)
    for block, span in _blocks(wave, n_frames, config):
        mel[span] = _mel.ordinary(block, config, centred=False)
    return mel


def _blocks(wave: np.ndarray, n_frames: int, config: FeatureConfig) -> Iterator[tuple[np.ndarray, slice]]:
    """(samples, span of frames), from the end to the beginning: the samples, with their margins, give just these
    frames of the whole recording."""
    margin = config.n_fft // 2
    for start in reversed(range(0, n_frames, BLOCK_FRAMES)):
        stop = min(start + BLOCK_FRAMES, n_frames)
        first, last = start * config.hop_length - margin, (stop - 1) * config.hop_length + margin
        block = np.pad(wave[max(first, 0) : last], (max(-first, 0), max(last - len(wave), 0)))
        yield block, slice(start, stop)


__all__ = [
    "LEVEL_DB",
    "SILENCE_DB",
    "VOICED",
    "Contours",
    "FeatureConfig",
    "Frames",
    "RelativeContours",
    "at_level",
    "extract",
    "ordinary_mel",
]
