"""The recordings to measure on: whole utterances, or pieces of one where a speaker has no others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from voicevae import audio
from voicevae.errors import CorpusError

PIECE_S = 5.0  # about what a reference lasts
MIN_PIECE_S = 3.0
MIN_CLIPS = 3  # a reference, one held out, and one to compare with


@dataclass(frozen=True)
class Clip:
    """A recording or a piece of it; `speaker` is "corpus/speaker" where there are corpora.

    text, style, language, gender: as the corpus' metadata says, "" where it does not; a piece has no text.
    """

    id: str
    speaker: str
    path: Path
    duration_s: float
    start_s: float = 0.0
    text: str = ""
    style: str = ""
    language: str = ""
    gender: str = ""

    @property
    def corpus(self) -> str:
        """Name of the corpus, "" where there are none."""
        return self.speaker.rpartition("/")[0]

    def load(self, sample_rate: int) -> np.ndarray:
        """Samples float32 `[n]` at `sample_rate` Hz."""
        wave = audio.read(self.path, sample_rate)
        start = round(self.start_s * sample_rate)
        return wave[start : start + round(self.duration_s * sample_rate)]


def read_splits(folder: Path) -> dict[str, list[Clip]]:
    """The recordings of every split, of a folder of recordings or of an experiment's folder in which one was prepared;
    reads headers only.

    Raises:
        CorpusError: there are no recordings.
    """
    from voicevae.data.folder import read_corpus
    from voicevae.data.prepare import load_cuts

    prepared = sorted((folder / "data").glob("cuts_*.jsonl.gz"))
    if prepared:
        names = [path.name.removeprefix("cuts_").removesuffix(".jsonl.gz") for path in prepared]
        splits = {name: load_cuts(folder / "data", name) for name in names}
    else:
        splits = read_corpus(folder).cuts
    return {name: [_clip(cut) for cut in cuts] for name, cuts in splits.items()}


def read_clips(folder: Path, split: str) -> list[Clip]:
    """The recordings of one split of `read_splits`.

    Raises:
        CorpusError: there is no such split.
    """
    return of_split(read_splits(folder), split, folder)


def of_split(splits: Mapping[str, list[Clip]], split: str, folder: Path) -> list[Clip]:
    """One of the `splits` of `folder`. Raises CorpusError where there is no such."""
    if split not in splits:
        raise CorpusError(f"{folder} has no split {split!r}; it has {', '.join(sorted(splits))}.")
    return splits[split]


def usable_clips(clips: Iterable[Clip]) -> list[Clip]:
    """At least three clips a speaker.

    Who has fewer recordings gets them cut into equal pieces of about 5 s; who has not enough for three pieces of 3 s
    is left out.
    """
    usable = []
    for own in by_speaker(clips).values():
        if len(own) < MIN_CLIPS:
            own = [piece for clip in own for piece in _pieces(clip)]
        if len(own) >= MIN_CLIPS:
            usable += own
    return usable


def by_speaker(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """Clips by speaker, both in alphabetical order."""
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in sorted(clips, key=lambda c: (c.speaker, c.id)):
        groups[clip.speaker].append(clip)
    return dict(groups)


def by_corpus(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """Clips by corpus, the one with the most clips first."""
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        groups[clip.corpus].append(clip)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def draw_clips(clips: Iterable[Clip], n: int, seed: int) -> list[Clip]:
    """`n` clips drawn by `seed`, the speakers in turn; fewer where there are not so many."""
    rng = np.random.default_rng(seed)
    shuffled = [[own[i] for i in rng.permutation(len(own))] for own in by_speaker(clips).values()]
    order = rng.permutation(len(shuffled))
    rounds = max((len(own) for own in shuffled), default=0)
    turns = [shuffled[s][i] for i in range(rounds) for s in order if i < len(shuffled[s])]
    return turns[:n]


def _clip(cut: Any) -> Clip:
    said = cut.supervisions[0]
    style = (said.custom or {}).get("style", "")
    source = Path(cut.recording.sources[0].source)
    words, language, gender = (value or "" for value in (said.text, said.language, said.gender))
    return Clip(cut.id, said.speaker, source, cut.duration, text=words, style=style, language=language, gender=gender)


def _pieces(clip: Clip) -> list[Clip]:
    n = max(MIN_CLIPS, round(clip.duration_s / PIECE_S))
    length = clip.duration_s / n
    if length < MIN_PIECE_S:
        return []
    return [replace(clip, id=f"{clip.id}-{i}", start_s=i * length, duration_s=length, text="") for i in range(n)]
