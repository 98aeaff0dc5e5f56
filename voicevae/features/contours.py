"""F0, voicing and loudness over time: absolute, and relative to who speaks; and which frames are speech."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from voicevae.features.prosody import VOICED

if TYPE_CHECKING:
    from torch import Tensor

SPEECH_RANGE_DB = 40.0  # speech lies at most so far below the loud frames of a recording
LOUDNESS_UNIT_DB = 20.0  # of relative loudness
LOUD_PERCENTILE = 95  # of the loudness of all frames: the loud ones, to which the rest is relative


@overload
def is_speech(loudness_db: np.ndarray, loud_db: np.ndarray | np.floating | float) -> np.ndarray: ...
@overload
def is_speech(loudness_db: "Tensor", loud_db: "Tensor | float") -> "Tensor": ...
def is_speech(loudness_db: Any, loud_db: Any) -> Any:
    """Which frames are speech and not background, bool, of loudness `[..., T]` and that of the loud frames, dB."""
    return loudness_db > loud_db - SPEECH_RANGE_DB


def loud_frames_db(loudness_db: np.ndarray) -> np.floating:
    """Loudness of the loud frames of a recording, dB, of that of all, `[T]`."""
    return np.percentile(loudness_db, LOUD_PERCENTILE)


@dataclass(frozen=True, eq=False)
class Contours:
    """Absolute contours of `T` frames: log_f0 `[T]`, ln Hz, interpolated where unvoiced; voicing `[T]`, 0..1;
    loudness_db `[T]`, dB of full scale."""

    log_f0: np.ndarray
    voicing: np.ndarray
    loudness_db: np.ndarray

    def __len__(self) -> int:
        return len(self.log_f0)

    @property
    def voiced(self) -> np.ndarray:
        """`[T]` bool."""
        return self.voicing >= VOICED

    @property
    def speech(self) -> np.ndarray:
        """Which frames are speech, `[T]` bool, of a whole recording."""
        return is_speech(self.loudness_db, loud_frames_db(self.loudness_db))

    @property
    def f0_hz(self) -> np.ndarray:
        """`[T]`, 0 where unvoiced."""
        return np.where(self.voiced, np.exp(self.log_f0), 0)

    def relative(self, log_f0_mean: float, log_f0_std: float, loud_db: float) -> "RelativeContours":
        """Relative to a speaker's log-F0 (ln Hz) and a recording's loud frames (dB)."""
        pitch = (self.log_f0 - log_f0_mean) / log_f0_std
        return RelativeContours(pitch, 2 * self.voicing - 1, (self.loudness_db - loud_db) / LOUDNESS_UNIT_DB)

    def array(self) -> np.ndarray:
        """The contours as columns `[T, 3]`, float32, in this order, as networks and vocoders read them."""
        return np.stack([self.log_f0, self.voicing, self.loudness_db], 1).astype(np.float32)

    @staticmethod
    def from_array(columns: np.ndarray) -> "Contours":
        """The inverse of `array`: of columns `[T, 3]`."""
        return Contours(*columns.T)


@dataclass(frozen=True, eq=False)
class RelativeContours:
    """Contours of `T` frames relative to the speaker and the recording, or differences of such: pitch `[T]`, log-F0 in
    standard deviations from the speaker's mean; voicing `[T]`, -1..1; loudness `[T]`, in units of 20 dB from the loud
    frames."""

    pitch: np.ndarray
    voicing: np.ndarray
    loudness: np.ndarray

    def __len__(self) -> int:
        return len(self.pitch)

    @property
    def voiced(self) -> np.ndarray:
        """`[T]` bool."""
        return self.voicing >= 2 * VOICED - 1

    @property
    def speech(self) -> np.ndarray:
        """Which frames are speech, `[T]` bool."""
        return is_speech(LOUDNESS_UNIT_DB * self.loudness, 0.0)

    def absolute(self, log_f0_mean: float, log_f0_std: float, loud_db: float) -> Contours:
        """The inverse of `Contours.relative`."""
        pitch = self.pitch * log_f0_std + log_f0_mean
        return Contours(pitch, (self.voicing + 1) / 2, self.loudness * LOUDNESS_UNIT_DB + loud_db)

    def array(self) -> np.ndarray:
        """As columns `[T, 3]`, float32, in this order."""
        return np.stack([self.pitch, self.voicing, self.loudness], 1).astype(np.float32)

    @staticmethod
    def from_array(columns: np.ndarray) -> "RelativeContours":
        """The inverse of `array`: of columns `[T, 3]`."""
        return RelativeContours(*columns.T)
