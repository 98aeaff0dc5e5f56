"""Plan of an evaluation: what is measured, and on how much."""

import os
from dataclasses import dataclass
from pathlib import Path

from voicevae.errors import CorpusError

KNOWN_SPLIT = "train"


@dataclass(frozen=True)
class Plan:
    """What to measure a bundle on.

    corpus: folder of recordings, or an experiment's folder in which they were prepared; split: of speakers that the
    bundle was not trained on (known speakers are of "train"); quick: less of everything; pairs: conversions of
    the headline corpus, the one with the most clips; seed: draws pairs, clips and bootstrap samples; baseline: measure
    what needs no conversion, too; verbs: measure sample, blend, transfer and the others, too; recogniser: see
    `metrics.whisper.chosen`; memory: measure it, too, which converts 30 minutes of speech; workers:
    processes, 1 or 2.

    Raises:
        CorpusError: no pairs.
    """

    corpus: Path
    split: str = "dev"
    quick: bool = False
    pairs: int = 200
    seed: int = 0
    baseline: bool = False
    verbs: bool = False
    recogniser: str | None = None
    memory: bool = True
    workers: int = min(2, os.cpu_count() or 1)

    def __post_init__(self) -> None:
        if self.pairs < 1:
            raise CorpusError(f"The number of pairs is {self.pairs}; give at least 1.")

    def of(self, full: int, quick: int) -> int:
        """How many, of a full or of a quick run."""
        return quick if self.quick else full

    @property
    def other_pairs(self) -> int:
        """Conversions of every corpus but the headline's."""
        return max(self.pairs // self.of(2, 5), 1)
