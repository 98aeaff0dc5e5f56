"""Batches from shards, of which one is in memory at a time; each is still a pure function of (seed, step), so that
resuming needs no state.

Shards have equal duration: each is used for equally many steps, as many as its frames fill once, in an order that is
drawn anew for each epoch. Every rank has its own shards.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor

from voicevae.data import shards
from voicevae.data.batches import FrameBank, TrainingBatches, VocoderBatches
from voicevae.errors import CorpusError


class _Sharded:
    """The order of shards, and the loaded one.

    Args:
        folder: of shards, a path or URL.
        batch_size: of all ranks together.
        frames: of a window.
        rank, ranks: number of this process, and of how many; `divide` may set them later.

    Raises:
        CorpusError: no shards, or fewer than ranks.
    """

    def __init__(self, folder: str | Path, batch_size: int, frames: int, seed: int, rank: int, ranks: int) -> None:
        self.folder, self.batch_size, self.frames = folder, batch_size, frames
        self.seed = seed
        self.shards, self.normalisation = shards.read(folder)
        self._number = -1
        self._loaded: TrainingBatches | VocoderBatches | None = None
        self.divide(rank, ranks)

    def divide(self, rank: int, ranks: int) -> None:
        """Give the batches of `rank` only, its share of the batch size, from its own shards."""
        if self.shards.n_shards < ranks:
            raise CorpusError(
                f"{self.folder} has {self.shards.n_shards} shards for {ranks} processes; write smaller ones, so that "
                "each process has its own."
            )
        self.rank, self.ranks = rank, ranks

    @property
    def steps_per_shard(self) -> int:
        """Steps for which a shard is used."""
        return max(self.shards.frames // self.shards.n_shards // (self.own_size * self.frames), 1)

    @property
    def own_size(self) -> int:
        """Items of a batch for this rank."""
        return self.batch_size // self.ranks

    def batch(self, step: int) -> dict[str, Tensor]:
        """Batch number `step` of this rank."""
        loaded = self._shard(self.shard_at(step))
        loaded.seed, loaded.batch_size = self.seed * 1_000_003 + self.rank, self.own_size
        return loaded.batch(step)

    def shard_at(self, step: int) -> int:
        """The number of the shard that batch `step` is of."""
        visits = self.shards.n_shards // self.ranks
        turn, visit = divmod(step // self.steps_per_shard, visits)
        order = np.random.default_rng((self.seed, turn)).permutation(self.shards.n_shards)
        return int(order[visit * self.ranks + self.rank])

    def _shard(self, number: int) -> TrainingBatches | VocoderBatches:
        if self._loaded is None or self._number != number:
            self._loaded = None  # freed before the next one is read
            self._loaded, self._number = self._load(number), number
            self._loaded.bank.cuts = []  # their arrays are in the bank
        return self._loaded

    def _load(self, number: int) -> TrainingBatches | VocoderBatches:
        raise NotImplementedError


class ShardedBatches(_Sharded):
    """`batch(step)` as of `TrainingBatches`, with `source_transport` and `reference_transport` to the corpus."""

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
        super().__init__(folder, batch_size, frames, seed, rank, ranks)
        self.reference_frames = reference_frames

    def _load(self, number: int) -> TrainingBatches:
        cuts, sizes = shards.load(self.folder, number), (self.own_size, self.frames, self.reference_frames)
        made = TrainingBatches(cuts, *sizes, self.seed, 0, 0, self.shards.speakers)
        made.bring_to(self.normalisation.mel_cov)
        return made


class ShardedVocoderBatches(_Sharded):
    """`batch(step)` as of `VocoderBatches`.

    Raises:
        CorpusError: as of the others, or the recordings are not in the shards, or at another rate.
    """

    def __init__(
        self,
        folder: str | Path,
        batch_size: int,
        frames: int,
        hop_length: int,
        sample_rate: int,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        super().__init__(folder, batch_size, frames, seed, rank, ranks)
        self.hop_length, self.sample_rate = hop_length, sample_rate
        if not self.shards.sample_rate:
            raise CorpusError(
                f"{folder} holds no recordings, which the vocoder learns from; write it again without --frames-only."
            )
        if self.shards.sample_rate != sample_rate:
            raise CorpusError(
                f"{folder} holds recordings at {self.shards.sample_rate} Hz, and the configuration asks for "
                f"{sample_rate} Hz; prepare the corpus and write it again."
            )
        self._replacement: tuple[Callable[[FrameBank], np.ndarray], float] | None = None

    def replace_mels(self, decode: Callable[[FrameBank], np.ndarray], share: float) -> None:
        """As `VocoderBatches.replace_mels`, for each shard that is loaded."""
        self._replacement, self._loaded = (decode, share), None

    def _load(self, number: int) -> VocoderBatches:
        cuts, sizes = shards.load(self.folder, number, True), (self.own_size, self.frames)
        made = VocoderBatches(cuts, *sizes, self.hop_length, self.sample_rate, self.seed, 0, 0)
        if self._replacement:
            made.replace_mels(*self._replacement)
        return made
