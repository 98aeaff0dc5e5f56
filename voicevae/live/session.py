"""A live stream at a sound card: its switches and meters, and the recording of what comes out."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from voicevae.live.resampling import Resampler
from voicevae.live.stream import Live

METER_S = 0.3  # over which meters average
FLOOR_DB = -100.0
OVERDRIVEN = 1.0  # what a card can play


class Session:
    """What a sound card calls for each block.

    muted: silence comes out. bypassed: what comes in, at once. Both are switched while it runs, and so is `live.set`.
    in_db, out_db: levels, dB of full scale; load: share of a block's time that its work takes; late: blocks that were
    dropped, of `blocks`.

    Args:
        heard: is called with each block that comes out.
    """

    def __init__(self, live: Live, *, bypassed: bool = False, heard: Callable[[np.ndarray], object] | None = None):
        self.live, self.muted, self.bypassed, self.heard = live, False, bypassed, heard
        self.in_db = self.out_db = FLOOR_DB
        self.load, self.late, self.blocks = 0.0, 0, 0

    def process(self, block: np.ndarray) -> np.ndarray:
        """What to play for a recorded block `[n]`, float32 `[n]`."""
        start = time.perf_counter()
        made = self.live.feed(block)
        if self.bypassed:
            made = block
        made = np.zeros_like(made) if self.muted else np.clip(made, -OVERDRIVEN, OVERDRIVEN)
        seconds = max(len(block), 1) / self.live.rate
        share = min(seconds / METER_S, 1.0)
        self.load += share * ((time.perf_counter() - start) / seconds - self.load)
        self.in_db += share * (_level_db(block) - self.in_db)
        self.out_db += share * (_level_db(made) - self.out_db)
        self.blocks += 1
        if self.heard is not None:
            self.heard(made)
        return made

    def drop(self, block: np.ndarray) -> np.ndarray:
        """Silence, for a block `[n]` that came too late: it is not made up for, or the delay would grow."""
        self.late += 1
        self.blocks += 1
        silence = np.zeros_like(block)
        if self.heard is not None:
            self.heard(silence)
        return silence


class Recorder:
    """Blocks of a stream at `rate` Hz, written to a file aside from the stream.

    Args:
        write: writes a file of an iterator of blocks `[m]` at `out_rate` Hz, such as `VoiceVAE.write`.
    """

    def __init__(self, write: Callable[[Iterator[np.ndarray]], Any], rate: int, out_rate: int) -> None:
        self._blocks: queue.SimpleQueue[np.ndarray | None] = queue.SimpleQueue()
        self._resampler = Resampler(rate, out_rate) if rate != out_rate else None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(write,))
        self._thread.start()

    def __call__(self, block: np.ndarray) -> None:
        self._blocks.put(block)

    def close(self) -> None:
        """End the file. Raises what went wrong with it."""
        self._blocks.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self, write: Callable[[Iterator[np.ndarray]], Any]) -> None:
        try:
            write(self._read())
        except Exception as error:  # is raised where the stream ends
            self._error = error

    def _read(self) -> Iterator[np.ndarray]:
        while (block := self._blocks.get()) is not None:
            yield block if self._resampler is None else self._resampler.feed(block)


def _level_db(wave: np.ndarray) -> float:
    power = float(np.mean(np.square(wave))) if len(wave) else 0.0
    return 10 * np.log10(power + 10 ** (FLOOR_DB / 10))
