"""Batches from shards, of which one is in memory at a time; a batch is still a pure function of (seed, step), so that
resuming needs to remember nothing.

A shard is stayed with for as many steps as its frames fill once, then left for the next, in an order that is drawn anew
for each pass through the corpus. Every rank has its own shards. Windows have one length, so there is nothing to sort
by duration.
"""

from pathlib import Path

import numpy as np
from torch import Tensor

from voicevae.data import shards
from voicevae.data.batches import TrainingBatches
from voicevae.errors import CorpusError


class ShardedBatches:
    """`batch(step)` as of `TrainingBatches`, with `source_transport` and `reference_transport` to the corpus.

    Args:
        folder: of shards, a path or URL.
        batch_size: of one rank.
        rank, ranks: which of how many processes this one is.

    Raises:
        CorpusError: no shards, or fewer than ranks.
    """

    def __init__(
        self,
        folder: str | Path,
        batch_size: int,
        frames: int,
        reference_frames: int,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self.folder, self.batch_size, self.frames, self.reference_frames = folder, batch_size, frames, reference_frames
        self.seed, self.rank, self.ranks = seed, rank, ranks
        self.shards, self.units = shards.read(folder)
        if self.shards.n_shards < ranks:
            raise CorpusError(
                f"{folder} has {self.shards.n_shards} shards for {ranks} processes; write smaller ones, so that each "
                "process has its own."
            )
        self.stay = max(self.shards.frames // self.shards.n_shards // (batch_size * frames), 1)
        self._number = -1
        self._held: TrainingBatches | None = None

    def batch(self, step: int) -> dict[str, Tensor]:
        """Batch number `step` of this rank."""
        return self._shard(self.shard_at(step)).batch(step)

    def shard_at(self, step: int) -> int:
        """The number of the shard that batch `step` is of."""
        visits = self.shards.n_shards // self.ranks
        turn, visit = divmod(step // self.stay, visits)
        order = np.random.default_rng((self.seed, turn)).permutation(self.shards.n_shards)
        return int(order[visit * self.ranks + self.rank])

    def _shard(self, number: int) -> TrainingBatches:
        if self._held is None or self._number != number:
            self._held = None  # while the next one is read, too
            self._held, self._number = self._load(number), number
        return self._held

    def _load(self, number: int) -> TrainingBatches:
        seed = self.seed * 1_000_003 + self.rank
        made = TrainingBatches(
            shards.load(self.folder, number),
            self.batch_size,
            self.frames,
            self.reference_frames,
            seed,
            0,
            0,
            self.shards.speakers,
        )
        made.bank.cuts = []  # whose arrays are in the bank now
        made.bring_to(self.units.mel_cov)
        return made
