"""Batches from shards, of which one is in memory at a time; a batch is still a pure function of (seed, step), so that
resuming needs to remember nothing.

A shard is stayed with for as many steps as its frames fill once, then left for the next, in an order that is drawn anew
for each pass through the corpus. Every rank has its own shards. Windows have one length, so there is nothing to sort
by duration.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor

from voicevae.data import shards
from voicevae.data.batches import FrameBank, TrainingBatches, VocoderBatches
from voicevae.errors import CorpusError


class _Sharded:
    """The order of shards, and the one that is held.

    Args:
        folder: of shards, a path or URL.
        batch_size: of all ranks together.
        frames: of a window.
        rank, ranks: which of how many processes this one is; `divide` may say it later.

    Raises:
        CorpusError: no shards, or fewer than ranks.
    """

    def __init__(self, folder: str | Path, batch_size: int, frames: int, seed: int, rank: int, ranks: int) -> None:
        self.folder, self.batch_size, self.frames = folder, batch_size, frames
        self.seed = seed
        self.shards, self.normalisation = shards.read(folder)
        self._number = -1
        self._held: TrainingBatches | VocoderBatches | None = None
        self.divide(rank, ranks)

    def divide(self, rank: int, ranks: int) -> None:
        """From now on give the batches of `rank`, each of its part of the batch size, from its own shards."""
        if self.shards.n_shards < ranks:
            raise CorpusError(
                f"{self.folder} has {self.shards.n_shards} shards for {ranks} processes; write smaller ones, so that "
                "each process has its own."
            )
        self.rank, self.ranks = rank, ranks

    @property
    def stay(self) -> int:
        """Steps with one shard."""
        return max(self.shards.frames // self.shards.n_shards // (self.own_size * self.frames), 1)

    @property
    def own_size(self) -> int:
        """Items of a batch that are of this rank."""
        return self.batch_size // self.ranks

    def batch(self, step: int) -> dict[str, Tensor]:
        """Batch number `step` of this rank."""
        held = self._shard(self.shard_at(step))
        held.seed, held.batch_size = self.seed * 1_000_003 + self.rank, self.own_size
        return held.batch(step)

    def shard_at(self, step: int) -> int:
        """The number of the shard that batch `step` is of."""
        visits = self.shards.n_shards // self.ranks
        turn, visit = divmod(step // self.stay, visits)
        order = np.random.default_rng((self.seed, turn)).permutation(self.shards.n_shards)
        return int(order[visit * self.ranks + self.rank])

    def _shard(self, number: int) -> TrainingBatches | VocoderBatches:
        if self._held is None or self._number != number:
            self._held = None  # while the next one is read, too
            self._held, self._number = self._load(number), number
            self._held.bank.cuts = []  # whose arrays are in the bank now
        return self._held

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
        self._replacement, self._held = (decode, share), None

    def _load(self, number: int) -> VocoderBatches:
        cuts, sizes = shards.load(self.folder, number, True), (self.own_size, self.frames)
        made = VocoderBatches(cuts, *sizes, self.hop_length, self.sample_rate, self.seed, 0, 0)
        if self._replacement:
            made.replace_mels(*self._replacement)
        return made
