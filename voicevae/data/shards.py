"""Prepared speech as lhotse Shar: tar files read from end to end, so that neither memory nor file look-ups grow with
the corpus.

<folder>/cuts.000000.jsonl.gz, frames.000000.tar, recording.000000.tar, ...
                          a shard each: its cuts, their frames, and the recordings as FLAC at the features' rate
<folder>/shards.json      how many, their size, the speakers, a checksum of the frames, and one of the corpus
<folder>/normalisation.npz   mean, standard deviation and covariance of the whole corpus

Cuts are shuffled, but cuts of one speaker stay together in small groups: each finds a reference in its own shard.
"""

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from lhotse import AudioSource, CutSet, MonoCut, Recording
from lhotse.serialization import open_best
from lhotse.shar import SharWriter, TarWriter
from lhotse.utils import fastcopy
from tqdm import tqdm

from voicevae import parallel
from voicevae.data.prepare import load_frames
from voicevae.data.recordings import pack
from voicevae.errors import CorpusError
from voicevae.features.statistics import utterance_statistics

GROUP = 8  # cuts of a speaker that stay together
STATISTICS = ("log_f0_mean", "log_f0_std", "mel_mean", "mel_std")
MIN_STD = 1e-2


@dataclass(frozen=True)
class Shards:
    """Content of shards.json. frames: of all shards together; checksum: of them.

    sample_rate: of the recordings beside the frames, Hz, 0 where there are none; corpus: `PreparationReport.checksum`
    of the prepared corpus.
    """

    n_shards: int
    utterances: int
    frames: int
    speakers: list[str]
    checksum: str
    sample_rate: int = 0
    corpus: str = ""


@dataclass(frozen=True, eq=False)
class NormalisationStatistics:
    """Normalisation statistics of a corpus: mean and standard deviation, float32, of its mel over frames, and of its
    recordings' statistics over cuts (`STATISTICS` one after another); and the mean of the cuts' mel covariances
    `[n_channels, n_channels]`."""

    mel_mean: np.ndarray
    mel_std: np.ndarray
    statistics_mean: np.ndarray
    statistics_std: np.ndarray
    mel_cov: np.ndarray


@dataclass
class Moments:
    """Mean and standard deviation of vectors that come in blocks `[n, D]`."""

    n: int = 0
    total: np.ndarray = field(default_factory=lambda: np.zeros(1))
    squares: np.ndarray = field(default_factory=lambda: np.zeros(1))

    def add(self, block: np.ndarray) -> None:
        """Add a block `[n, D]`."""
        block = block.astype(np.float64)
        self.join(Moments(len(block), block.sum(0), np.square(block).sum(0)))

    def join(self, other: "Moments") -> None:
        """Add the vectors of another instance."""
        self.n, self.total, self.squares = self.n + other.n, self.total + other.total, self.squares + other.squares

    def mean_and_std(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation `[D]`, float32; the latter at least `MIN_STD`."""
        mean = self.total / self.n
        std = np.sqrt(np.maximum(self.squares / self.n - mean**2, 0))
        return mean.astype(np.float32), np.maximum(std, MIN_STD).astype(np.float32)


def write(
    cuts: CutSet,
    folder: Path,
    shard_hours: float = 1.0,
    seed: int = 0,
    sample_rate: int = 0,
    corpus: str = "",
    executor: Executor | None = None,
) -> Shards:
    """Write prepared cuts as shards of about `shard_hours`; `folder` is replaced at the end.

    Args:
        seed: of the order.
        sample_rate: of the features, Hz, at which the recordings are kept, too; 0 leaves them out.
        corpus: `PreparationReport.checksum` of the prepared corpus.
        executor: writes the shards, if given; see `voicevae.parallel`.

    Raises:
        CorpusError: there are no cuts, or they cannot be written, or a recording has changed since it was prepared.
        WorkersError: worker processes were killed.
    """
    ordered = _ordered(cuts, seed)
    if not ordered:
        raise CorpusError("There is no cut to write; prepare a corpus with recordings in this split.")
    aside, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("part", "old"))
    _remove(aside, old)
    try:
        aside.mkdir(parents=True)
        parts = list(enumerate(_filled(ordered, shard_hours * 3600)))
        work = parallel.run(_Writer(aside, sample_rate), parts, executor)
        written = sorted(tqdm(work, "shards", len(parts), unit="shard", disable=None), key=lambda one: one.number)
        made = Shards(
            len(written),
            len(ordered),
            sum(one.mel.n for one in written),
            sorted({_speaker(cut) for cut in ordered}),
            hashlib.blake2b(b"".join(one.digest for one in written), digest_size=16).hexdigest(),
            sample_rate,
            corpus,
        )
        np.savez(aside / "normalisation.npz", **asdict(_normalisation(written)))
        (aside / "shards.json").write_text(json.dumps(asdict(made)))
        if folder.exists():
            os.replace(folder, old)
        os.replace(aside, folder)
    except OSError as error:
        raise CorpusError(
            f"{folder} cannot be written ({error}); make room there, or prepare the corpus again."
        ) from error
    finally:
        _remove(aside)
    _remove(old)
    return made


def read(folder: str | Path) -> tuple[Shards, NormalisationStatistics]:
    """Description of the shards in `folder`, a path or a URL that lhotse can open.

    Raises:
        CorpusError: they are not there.
    """
    try:
        with open_best(f"{folder}/shards.json", "r") as file:
            shards = Shards(**json.load(file))
        with open_best(f"{folder}/normalisation.npz", "rb") as file, np.load(BytesIO(file.read())) as values:
            return shards, NormalisationStatistics(**values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CorpusError(
            f"{folder} holds no whole shards ({error}); write them with `python -m voicevae.recipes.shard`."
        ) from None


def load(folder: str | Path, number: int, recordings: bool = False) -> CutSet:
    """The cuts of one shard, with their frames in memory, and on demand their `recordings` (as FLAC)."""
    fields = {"cuts": [f"{folder}/cuts.{number:06}.jsonl.gz"], "frames": [f"{folder}/frames.{number:06}.tar"]}
    if recordings:
        fields["recording"] = [f"{folder}/recording.{number:06}.tar"]
    return CutSet.from_shar(fields=fields).to_eager()


@dataclass
class _Written:
    """Statistics of a written shard; covariance: the sum of its cuts'."""

    number: int
    cuts: int
    digest: bytes = b""
    mel: Moments = field(default_factory=Moments)
    statistics: Moments = field(default_factory=Moments)
    covariance: np.ndarray = field(default_factory=lambda: np.zeros(()))


@dataclass(frozen=True)
class _Writer:
    """Writes one shard."""

    folder: Path
    sample_rate: int

    def __call__(self, part: tuple[int, list[MonoCut]]) -> _Written:
        number, cuts = part
        made, digest = _Written(number, len(cuts)), hashlib.blake2b(digest_size=16)
        with (
            SharWriter(self.folder, {"frames": "numpy"}, None, False, shard_suffix=f".{number:06}") as writer,
            TarWriter(str(self.folder / f"recording.{number:06}.tar"), None) as tar,
        ):
            for cut in cuts:
                frames = load_frames(cut)
                digest.update(frames.tobytes())
                shown = utterance_statistics(frames)
                made.mel.add(frames[:, :-3])
                made.statistics.add(np.concatenate([np.atleast_1d(getattr(shown, name)) for name in STATISTICS])[None])
                made.covariance = made.covariance + shown.mel_cov.astype(np.float64)
                if self.sample_rate:
                    cut = _keep_recording(cut, tar, self.sample_rate)
                # As long as its frames, of which lhotse otherwise may leave out the last.
                writer.write(fastcopy(cut, duration=len(frames) * cut.frames.frame_shift))
        made.digest = digest.digest()
        return made


def _keep_recording(cut: MonoCut, tar: TarWriter, sample_rate: int) -> MonoCut:
    """Write the recording to `tar` without lhotse's lossy way through floats; returns the cut with its gain."""
    packed = pack(cut, sample_rate)
    n = len(packed.samples)
    said = Recording(cut.id, [AudioSource("shar", [0], "")], sample_rate, n, n / sample_rate)
    tar.write(f"{cut.id}.flac", packed.flac(sample_rate))
    tar.write(f"{cut.id}.json", BytesIO(json.dumps(said.to_dict()).encode()), count=False)
    return cut.with_custom("gain", packed.gain)


def _normalisation(written: list[_Written]) -> NormalisationStatistics:
    mel, statistics, covariance = Moments(), Moments(), np.zeros(())
    for one in written:
        mel.join(one.mel)
        statistics.join(one.statistics)
        covariance = covariance + one.covariance
    mean = (covariance / statistics.n).astype(np.float32)
    return NormalisationStatistics(*mel.mean_and_std(), *statistics.mean_and_std(), mean)


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _ordered(cuts: Iterable[MonoCut], seed: int) -> list[MonoCut]:
    random, speakers = np.random.default_rng(seed), defaultdict(list)
    for cut in sorted(cuts, key=lambda cut: cut.id):
        speakers[_speaker(cut)].append(cut)
    groups = []
    for _, own in sorted(speakers.items()):
        mixed = [own[i] for i in random.permutation(len(own))]
        groups += [mixed[i : i + GROUP] for i in range(0, len(mixed), GROUP)]
    return [cut for i in random.permutation(len(groups)) for cut in groups[i]]


def _filled(cuts: list[MonoCut], seconds: float) -> Iterator[list[MonoCut]]:
    """Shards of equal duration, `seconds` or a little more, because each is used for equally many steps."""
    begins = np.cumsum([0.0, *(cut.duration for cut in cuts)])
    n_parts = max(int(begins[-1] / seconds), 1)
    part_of = np.minimum(begins[:-1] / begins[-1] * n_parts, n_parts - 1).astype(int)
    for part in np.split(np.arange(len(cuts)), np.flatnonzero(np.diff(part_of)) + 1):
        yield [cuts[i] for i in part]


def _speaker(cut: MonoCut) -> str:
    return cut.supervisions[0].speaker
