"""Prepared speech as lhotse Shar: tar files that are read from end to end, so that what is held in memory, and what is
looked up on disk, does not grow with the corpus.

<folder>/cuts.000000.jsonl.gz, frames.000000.tar, ...   a shard each: its cuts, and their frames
<folder>/shards.json                                    how many, their size, the speakers, a checksum of the frames
<folder>/units.npz                                      means, spreads and covariance of the whole corpus

Cuts are shuffled, but cuts of one speaker stay together in small groups: each finds a reference in its own shard.
"""

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from lhotse import CutSet, MonoCut
from lhotse.serialization import open_best
from lhotse.shar import SharWriter
from lhotse.utils import fastcopy

from voicevae.data.prepare import load_frames
from voicevae.errors import CorpusError
from voicevae.features.statistics import utterance_statistics

GROUP = 8  # cuts of a speaker that stay together
STATISTICS = ("log_f0_mean", "log_f0_std", "mel_mean", "mel_std")
MIN_SPREAD = 1e-2


@dataclass(frozen=True)
class Shards:
    """What shards.json says. frames: of all shards together."""

    n_shards: int
    utterances: int
    frames: int
    speakers: list[str]
    checksum: str


@dataclass(frozen=True, eq=False)
class Units:
    """The corpus' mel, over frames, and its statistics, over cuts: mean and spread, float32, and the mean of the cuts'
    covariances of the mel `[n_channels, n_channels]`. `statistics_*`: `STATISTICS` one after another."""

    mel_mean: np.ndarray
    mel_std: np.ndarray
    statistics_mean: np.ndarray
    statistics_std: np.ndarray
    mel_cov: np.ndarray


class Moments:
    """Mean and spread of vectors that come in blocks `[n, D]`."""

    def __init__(self) -> None:
        self.n, self.total, self.squares = 0, np.zeros(1), np.zeros(1)

    def add(self, block: np.ndarray) -> None:
        block = block.astype(np.float64)
        self.n, self.total = self.n + len(block), self.total + block.sum(0)
        self.squares = self.squares + np.square(block).sum(0)

    def mean_and_spread(self) -> tuple[np.ndarray, np.ndarray]:
        mean = self.total / self.n
        spread = np.sqrt(np.maximum(self.squares / self.n - mean**2, 0))
        return mean.astype(np.float32), np.maximum(spread, MIN_SPREAD).astype(np.float32)


def write(cuts: CutSet, folder: Path, shard_hours: float = 1.0, seed: int = 0) -> Shards:
    """Write prepared cuts as shards of about `shard_hours`; `folder` is replaced once all are there.

    Raises:
        CorpusError: there are no cuts.
    """
    ordered = _ordered(cuts, seed)
    if not ordered:
        raise CorpusError("There is no cut to write; prepare a corpus with recordings in this split.")
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    mel, statistics, covariance = Moments(), Moments(), np.zeros(())
    digest, n_shards, n_frames = hashlib.blake2b(digest_size=16), 0, 0
    for n_shards, part in enumerate(_filled(ordered, shard_hours * 3600), start=1):
        with SharWriter(aside, {"frames": "numpy"}, None, False, shard_suffix=f".{n_shards - 1:06}") as writer:
            for cut in part:
                frames = load_frames(cut)
                shown = utterance_statistics(frames)
                mel.add(frames[:, :-3])
                statistics.add(np.concatenate([np.atleast_1d(shown[name]) for name in STATISTICS])[None])
                covariance = covariance + shown["mel_cov"].astype(np.float64)
                digest.update(frames.tobytes())
                n_frames += len(frames)
                # As long as its frames, of which lhotse otherwise may leave out the last.
                writer.write(fastcopy(cut, duration=len(frames) * cut.frames.frame_shift))
    units = Units(*mel.mean_and_spread(), *statistics.mean_and_spread(), (covariance / len(ordered)).astype(np.float32))
    np.savez(aside / "units.npz", **asdict(units))
    made = Shards(n_shards, len(ordered), n_frames, sorted({_speaker(c) for c in ordered}), digest.hexdigest())
    (aside / "shards.json").write_text(json.dumps(asdict(made)))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(aside, folder)
    return made


def read(folder: str | Path) -> tuple[Shards, Units]:
    """What is said of the shards in `folder`, a path or a URL that lhotse can open.

    Raises:
        CorpusError: they are not there.
    """
    try:
        with open_best(f"{folder}/shards.json", "r") as file:
            shards = Shards(**json.load(file))
        with open_best(f"{folder}/units.npz", "rb") as file, np.load(BytesIO(file.read())) as values:
            return shards, Units(**values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CorpusError(f"{folder} holds no whole shards ({error}); write them with recipes/shard.py.") from None


def load(folder: str | Path, number: int) -> CutSet:
    """The cuts of one shard, with their frames in memory."""
    fields = {"cuts": [f"{folder}/cuts.{number:06}.jsonl.gz"], "frames": [f"{folder}/frames.{number:06}.tar"]}
    return CutSet.from_shar(fields=fields).to_eager()


def _ordered(cuts: Iterable[MonoCut], seed: int) -> list[MonoCut]:
    random, speakers = np.random.default_rng(seed), defaultdict(list)
    for cut in sorted(cuts, key=lambda cut: cut.id):
        speakers[_speaker(cut)].append(cut)
    groups = []
    for _, own in sorted(speakers.items()):
        mixed = [own[i] for i in random.permutation(len(own))]
        groups += [mixed[i : i + GROUP] for i in range(0, len(mixed), GROUP)]
    return [cut for i in random.permutation(len(groups)) for cut in groups[i]]


def _filled(cuts: Iterable[MonoCut], seconds: float) -> Iterator[list[MonoCut]]:
    """Cuts that together last `seconds` or a little more; the last ones what is left."""
    part, lasts = list[MonoCut](), 0.0
    for cut in cuts:
        part.append(cut)
        lasts += cut.duration
        if lasts >= seconds:
            yield part
            part, lasts = [], 0.0
    if part:
        yield part


def _speaker(cut: MonoCut) -> str:
    return cut.supervisions[0].speaker
