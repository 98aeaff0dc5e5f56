"""One channel of many, such that a voice is as loud as in the channel that has it.

Channels are added with weights that are fixed for a whole recording. Where one runs against the loudest, as through a
wrong cable or a stereo widener, its sign is turned, so that nothing cancels; and the sum is brought to the level of the
loudest, so that neither a silent channel nor one that is late takes anything away. Of equal channels it is the mean.
"""

import numpy as np

AGAINST = -0.3  # correlation below which a channel's sign is turned: a voice in opposite phase over noise of its level
SLOWLY_AGAINST = -0.5  # correlation of the samples themselves that shows it where a channel is late
ALIKE = 0.3  # correlation above which channels surely go together
SETTLED_S, PATIENCE_S = 0.5, 3.0  # of sound, after which a stream's weights are fixed if channels correlate; or anyway
HEARD = 0.1  # of the loudest channel's level
SILENT = 1e-4  # of full scale


class Channels:
    """What was heard of `n` channels: how they correlate, and how their changes do.

    An offset or a hum that all channels share says nothing of how the voice lies in them, so differences between
    neighbouring samples count first.
    """

    def __init__(self, n: int) -> None:
        self.n_samples, self.last = 0, np.zeros((0, n))
        self.total, self.products, self.changes = np.zeros(n), np.zeros((n, n)), np.zeros((n, n))

    def hear(self, block: np.ndarray) -> None:
        """More samples `[m, n]`."""
        samples = block.astype(np.float64)
        change = np.diff(np.concatenate([self.last, samples]), axis=0)
        self.last = samples[-1:] if len(samples) else self.last
        self.n_samples += len(samples)
        self.total += samples.sum(0)
        self.products += samples.T @ samples
        self.changes += change.T @ change

    def level(self) -> np.ndarray:
        """Standard deviation of each, `[n]`."""
        return np.sqrt(np.maximum(self._covariance().diagonal(), 0))

    def correlation(self) -> np.ndarray:
        """Of the changes of each with those of the channel that changes most, `[n]`; 0 for a constant one."""
        return _correlation(self.changes, int(np.argmax(self.changes.diagonal())))

    def weights(self) -> np.ndarray:
        """Float32 `[n]`; the mean where nothing is heard, or no number."""
        covariance, n = self._covariance(), len(self.total)
        if not (np.isfinite(covariance).all() and np.isfinite(self.changes).all()) or covariance.diagonal().max() <= 0:
            return np.full(n, 1 / n, np.float32)
        changing = self.correlation()
        slow = _correlation(covariance, int(np.argmax(self.changes.diagonal())))
        against = (changing < AGAINST) | ((slow < SLOWLY_AGAINST) & (changing < ALIKE))
        sign = np.where(against, -1.0, 1.0)
        # The lesser of two gains: a hum that cancels would make the one of the samples too large.
        gains = [_gain(matrix, sign) for matrix in (covariance, self.changes) if matrix.diagonal().max() > 0]
        return (sign * min(gains)).astype(np.float32)

    def _covariance(self) -> np.ndarray:
        """`[n, n]`; not finite where samples are not."""
        count = max(self.n_samples, 1)
        with np.errstate(invalid="ignore", over="ignore"):
            return self.products / count - np.outer(self.total, self.total) / count**2


def _correlation(covariance: np.ndarray, one: int) -> np.ndarray:
    """Of each with channel `one`, from `[n, n]` to `[n]`; 0 for a constant one."""
    rms = np.sqrt(np.maximum(covariance.diagonal(), 0))
    return covariance[one] / np.maximum(rms * rms[one], np.finfo(float).tiny)


def _gain(covariance: np.ndarray, sign: np.ndarray) -> float:
    """What brings the sum of channels, with their `sign`, to the level of the loudest; no more than where they have
    nothing in common."""
    power = covariance.diagonal()
    return float(np.sqrt(power.max() / max(sign @ covariance @ sign, power.sum())))


def mixed(block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`block` `[m, n]` as float32 `[m]`."""
    return block[:, 0] * weights[0] if len(weights) == 1 else block @ weights


class StreamDownmix:
    """The same for blocks that come one after another, at `rate` Hz.

    Weights are decided once, as soon as the channels show how they go together, and then stay. Until then sound waits,
    for `PATIENCE_S` at most.
    """

    weights: np.ndarray | None

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._begin(1)

    def feed(self, block: np.ndarray) -> np.ndarray:
        """More samples `[m, n]`, float32, for any m; returns those that are ready, `[m']`."""
        if block.shape[1] != self.n:
            rest = self.flush()
            self._begin(block.shape[1])
            return np.concatenate([rest, self.feed(block)])
        if self.weights is not None and self.fixed:
            return mixed(block, self.weights)
        if self.n == 1 or not (self.channels.n_samples or self._sounds(block)):
            return block.mean(1)
        self.held.append(block)
        self.channels.hear(block)
        self._decide()
        return self._released()

    def flush(self) -> np.ndarray:
        """What still waits, `[m]`."""
        self.weights = self.channels.weights()
        return self._released()

    def _begin(self, n: int) -> None:
        self.n, self.channels, self.held = n, Channels(n), list[np.ndarray]()
        self.weights = None
        self.fixed, self.rest = False, np.zeros((0, n), np.float32)

    def _sounds(self, block: np.ndarray) -> bool:
        """Whether `block` moves away from where the stream began."""
        self.rest = self.rest if len(self.rest) else block[:1]
        return len(block) > 0 and float(np.abs(block - self.rest).max()) > SILENT

    def _decide(self) -> None:
        seconds, level = self.channels.n_samples / self.rate, self.channels.level()
        heard = level > HEARD * level.max()
        told = bool((np.abs(self.channels.correlation()[heard]) > ALIKE).all())
        self.fixed = seconds >= SETTLED_S and told
        if self.fixed or (seconds >= PATIENCE_S and self.weights is None):
            self.weights = self.channels.weights()

    def _released(self) -> np.ndarray:
        if self.weights is None or not self.held:
            return np.zeros(0, np.float32)
        blocks, self.held = self.held, []
        return np.concatenate([mixed(block, self.weights) for block in blocks])
