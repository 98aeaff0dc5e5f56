"""What a teacher hears in the training recordings: which sounds are spoken, whoever speaks.

A teacher is any network that has heard more speech than a corpus holds, and tells sounds apart better than voices.
What it hears is kept, one file a recording:

<exp>/data/teacher/              one .npy an utterance, [T_c, D] float16, at the rate of the content
<exp>/data/teacher.jsonl         which are done
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from lhotse import MonoCut

from voicevae.aside import make_folder, written
from voicevae.data.recordings import INT16, pack
from voicevae.edits import read_at
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig
from voicevae.journal import Journal, Row, stamp
from voicevae.names import fitted

Recording = tuple[MonoCut, np.ndarray]


class Teacher(Protocol):
    """name: of it, kept with what it hears."""

    name: str

    def measure(self, recordings: Iterable[Recording], sample_rate: int) -> None:
        """Measure what it needs to know of a corpus, from recordings in random order, unless that was done."""

    def hear(self, recordings: Iterable[Recording], sample_rate: int) -> Iterator[tuple[MonoCut, np.ndarray, float]]:
        """Features `[T', D]` of each wave `[n]` at `sample_rate` Hz, and how many there are a second."""


def heard(
    exp: Path,
    cuts: Sequence[MonoCut],
    teacher: Teacher,
    features: FeatureConfig,
    stride: int,
    progress: Callable[[int], object] = lambda n: None,
) -> dict[str, Path]:
    """Have the `teacher` hear those of `cuts` that it has not heard; files of features by the cuts' ids.

    Args:
        stride: frames a step of content.
        progress: is called with how many cuts are done.

    Raises:
        CorpusError: the cuts are of shards, which hold no recordings' files.
    """
    folder, journal = exp / "data" / "teacher", Journal(exp / "data" / "teacher.jsonl")
    make_folder(folder)
    known, stamps = journal.read(), {cut.id: _stamp(cut, teacher) for cut in cuts}
    paths = {cut.id: folder / fitted(cut.id, ".npy") for cut in cuts}
    new = [c for c in cuts if known.get(c.id, {}).get("stamp") != stamps[c.id] or not paths[c.id].exists()]
    progress(len(cuts) - len(new))

    def rows() -> Iterator[Row]:
        for cut, found, rate_hz in teacher.hear(waves(new, features.sample_rate), features.sample_rate):
            n_steps = -(-cut.frames.shape[0] // stride)
            at = np.arange(n_steps) * (stride / features.frame_rate * rate_hz)
            with written(paths[cut.id]) as aside, open(aside, "wb") as file:
                np.save(file, read_at(found, at).astype(np.float16))
            progress(1)
            yield {"id": cut.id, "stamp": stamps[cut.id]}

    for _ in journal.append(rows()):
        pass
    return paths


def _stamp(cut: MonoCut, teacher: Teacher) -> str:
    source = cut.recording.sources[0]
    if source.type != "file":
        raise CorpusError("A teacher hears recordings, which shards are without; prepare the corpus in --exp.")
    return stamp(source.source, teacher=teacher.name)


def waves(cuts: Sequence[MonoCut], sample_rate: int, seed: int | None = None) -> Iterator[Recording]:
    """The recordings of `cuts` at `sample_rate` Hz, in order, or drawn in another by `seed`."""
    order = range(len(cuts)) if seed is None else np.random.default_rng(seed).permutation(len(cuts))
    for number in order:
        packed = pack(cuts[number], sample_rate)
        yield cuts[number], packed.samples * np.float32(packed.gain / INT16)
