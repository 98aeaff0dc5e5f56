"""Statistics of a speaker while he speaks, that `voicevae.features.statistics` takes of a whole recording.

Each begins with what is known before: the corpus' values, or those of an enrolment, which count as some frames; and it
forgets after `MEMORY_FRAMES` of speech.
"""

import numpy as np

from voicevae.features.statistics import LOG_F0_STD_FLOOR

MEMORY_FRAMES = 4800  # a minute of speech
# A recording's loud frames are the 95th percentile of all, about half of which are voiced, most of them louder.
LOUD_SHARE = 0.9
USUAL_DB, USUAL_FRAMES = -23.0, 10  # level before anything was heard, and how many frames that counts as
BIN_DB, LOWEST_DB, HIGHEST_DB = 0.5, -100.0, 20.0


class Moments:
    """Mean `[D]` and covariance `[D, D]` of frames that come one after another.

    Args:
        mean, covariance: before the first frame.
        mean_frames, covariance_frames: how many frames each of them counts as.
    """

    def __init__(self, mean: np.ndarray, covariance: np.ndarray, mean_frames: float, covariance_frames: float) -> None:
        self.mean, self.covariance = mean.astype(np.float64), covariance.astype(np.float64)
        self.mean_frames, self.covariance_frames = mean_frames, covariance_frames
        self.n_frames = 0

    def add(self, frames: np.ndarray) -> None:
        """More frames `[n, D]`."""
        if not len(frames):
            return
        away, shares = np.empty(frames.shape), np.empty(len(frames))
        for i, frame in enumerate(frames):
            self.n_frames += 1
            away[i] = frame - self.mean
            self.mean = self.mean + away[i] / self._count(self.mean_frames)
            shares[i] = 1 / self._count(self.covariance_frames)
        kept = np.cumprod((1 - shares)[::-1])[::-1]  # of each frame, after all that come
        self.covariance = kept[0] * self.covariance + (away * (shares * kept)[:, None]).T @ away

    @property
    def variance(self) -> np.ndarray:
        """Of each dimension, `[D]`."""
        return self.covariance.diagonal()

    def _count(self, before: float) -> float:
        return min(before + self.n_frames, MEMORY_FRAMES)


class RunningRegister:
    """Mean and standard deviation of log-F0 over the voiced frames of a stream, ln Hz.

    The mean settles within a second of speech, the standard deviation, which differs less between speakers, later.
    """

    MEAN_FRAMES, STD_FRAMES = 12, 150

    def __init__(self, mean: float, std: float, known: bool = False) -> None:
        frames = (MEMORY_FRAMES // 2,) * 2 if known else (self.MEAN_FRAMES, self.STD_FRAMES)
        self._moments = Moments(np.array([mean]), np.array([[std**2]]), *frames)

    def add(self, log_f0: np.ndarray) -> None:
        """More voiced frames `[n]`, ln Hz."""
        self._moments.add(log_f0[:, None])

    @property
    def mean(self) -> float:
        """ln Hz."""
        return float(self._moments.mean[0])

    @property
    def std(self) -> float:
        """ln Hz."""
        return max(float(np.sqrt(self._moments.covariance[0, 0])), LOG_F0_STD_FLOOR)


class RunningLevel:
    """Loudness of the loud frames of a stream, dB of full scale, from its voiced frames: a pause changes nothing."""

    def __init__(self, level_db: float = USUAL_DB, frames: float = USUAL_FRAMES) -> None:
        self._edges = np.arange(LOWEST_DB, HIGHEST_DB, BIN_DB)
        self._counts = np.zeros(len(self._edges))
        self._counts[self._bins(np.array([level_db]))] = frames

    def add(self, loudness_db: np.ndarray) -> None:
        """More voiced frames `[n]`."""
        self._counts *= 1 - len(loudness_db) / max(self._counts.sum(), MEMORY_FRAMES)
        np.add.at(self._counts, self._bins(loudness_db), 1)

    @property
    def db(self) -> float:
        """The level so far."""
        total = np.cumsum(self._counts)
        return float(self._edges[np.searchsorted(total, LOUD_SHARE * total[-1])]) + BIN_DB / 2

    def _bins(self, loudness_db: np.ndarray) -> np.ndarray:
        return np.clip((loudness_db - LOWEST_DB) / BIN_DB, 0, len(self._edges) - 1).astype(int)
