"""A folder of recordings to lhotse manifests.

Layout: `<speaker>/<utterance>.<ext>` or `<corpus>/<speaker>/.../<utterance>.<ext>`, in any format that libsndfile
reads, and an optional `metadata.csv` with the columns utt_id, corpus, speaker, path, split, duration_s, text, style,
language, gender, note. A row needs `path` (relative to the folder), or `utt_id` and `speaker`.
"""

import csv
import os
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from lhotse import AudioSource, CutSet, Recording, RecordingSet, SupervisionSegment, SupervisionSet

from voicevae import audio, containers
from voicevae.errors import AudioError, CorpusError
from voicevae.names import is_text, shown

METADATA = "metadata.csv"
MIN_SECONDS = 0.3  # shorter recordings are not trained on
DEV_SHARE = 0.05
DEV_MIN_SPEAKERS = 4
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Utterance:
    """One recording of the corpus. `id` is unique in it; `speaker` is "corpus/speaker" where there is a corpus."""

    id: str
    path: Path
    speaker: str
    split: str = ""
    text: str = ""
    style: str = ""
    language: str = ""
    gender: str = ""
    note: str = ""


@dataclass(frozen=True)
class Skipped:
    """A file left out: `kind` in one or two words for counting, `reason` in a sentence."""

    path: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Corpus:
    """One eager `CutSet` a split, and what could not be used."""

    cuts: dict[str, CutSet]
    skipped: list[Skipped]


def read_corpus(folder: Path, seed: int = 0) -> Corpus:
    """Manifests of all recordings in `folder`; reads headers only."""
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder; give one laid out as <speaker>/<utterance>.<ext>.")
    folder = folder.resolve()
    check_text(folder)
    table = folder / METADATA
    return manifests(folder, *(_from_table(table) if table.exists() else _from_files(folder)), seed)


def manifests(folder: Path, utterances: list[Utterance], skipped: list[Skipped], seed: int = 0) -> Corpus:
    """Manifests of `utterances`; reads their headers, and adds what cannot be used to `skipped`.

    Where no utterance names a split, 5 % of the speakers, drawn by `seed`, become "dev" (at least one where there are
    four), the others "train". Every cut is a whole recording with one supervision.
    """
    utterances, repeated = _unique(utterances)
    recordings, broken = _recordings(utterances)
    usable = [u for u in utterances if u.id in recordings]
    if not usable:
        raise CorpusError(f"{folder} holds no usable recording; lay them out as <speaker>/<utterance>.<ext>.")
    cuts = {split: _cuts(part, recordings) for split, part in _splits(folder, usable, seed).items()}
    return Corpus(cuts, skipped + repeated + broken)


def _from_files(folder: Path) -> tuple[list[Utterance], list[Skipped]]:
    utterances = []
    files, skipped = sound_files(folder)
    for path in files:
        try:
            corpus, speaker, name = _place(path.relative_to(folder))
        except ValueError as error:
            skipped.append(Skipped(shown(path), "without a speaker", str(error)))
            continue
        utterances.append(_utterance(name, corpus, speaker, path))
    return utterances, skipped


def _from_table(table: Path) -> tuple[list[Utterance], list[Skipped]]:
    try:
        with open(table, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(reader.fieldnames or [], table)
            rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{table} cannot be read as UTF-8 CSV ({error}); save it again, with commas.") from None
    utterances = [_from_row(row, table, line) for line, row in enumerate(rows, start=2)]
    listed = {u.path for u in utterances}
    files, skipped = sound_files(table.parent)
    reason = f"{table.name} does not list it."
    return utterances, [*skipped, *(Skipped(shown(p), "unlisted", reason) for p in files if p not in listed)]


def _check_columns(names: Sequence[str], table: Path) -> None:
    """Raise CorpusError where the first row shows that columns are not separated by commas."""
    for separator, called in SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            raise CorpusError(f"{table} separates its columns by {called}; save it again, with commas.")


def _from_row(row: dict[str, str], table: Path, line: int) -> Utterance:
    name, corpus, speaker = (row.get(key, "") for key in ("utt_id", "corpus", "speaker"))
    if row.get("path"):
        place = _native(row["path"], table.parent)
        path = table.parent / place
        if not speaker:
            try:
                corpus, speaker, _ = _place(place)
            except ValueError as error:
                raise CorpusError(f"{table} line {line}: {error} Add a speaker column.") from None
        name = name or path.stem
    elif name and speaker:
        path = _find(table.parent / corpus / speaker, name)
    else:
        raise CorpusError(f"{table} line {line} has neither a path nor an utt_id with a speaker; add them.")
    if not re.fullmatch(r"[\w-]*", row.get("split", "")):
        raise CorpusError(f"{table} line {line}: {row['split']!r} is no name for a split; use letters and digits.")
    extra = {key: row.get(key, "") for key in ("split", "text", "style", "language", "gender", "note")}
    return _utterance(name, corpus, speaker, path, **extra)


def _native(place: str, folder: Path) -> Path:
    """A path of the table; written as on Windows, with backslashes, it is read as such where nothing is called so."""
    return Path(place) if os.path.exists(folder / place) else Path(PureWindowsPath(place).as_posix())


def _place(path: Path) -> tuple[str, str, str]:
    """(corpus or "", speaker, utterance) of a path relative to the corpus folder."""
    *folders, _ = path.parts
    if not folders:
        raise ValueError(f"{path} lies in no speaker's folder.")
    if len(folders) == 1:
        return "", folders[0], path.stem
    return folders[0], folders[1], "-".join([*folders[2:], path.stem])


def _utterance(name: str, corpus: str, speaker: str, path: Path, **extra: str) -> Utterance:
    speaker = f"{corpus}/{speaker}" if corpus else speaker
    return Utterance(f"{speaker}/{name}".replace("/", "-"), path, speaker, **extra)


def sound_files(folder: Path) -> tuple[list[Path], list[Skipped]]:
    """The sound files in `folder` and below, in order, and those that cannot be read or listed."""
    found, skipped = containers.find(folder), []
    for path in found.left_out:
        reason = f"libsndfile does not read {path.suffix}; convert it to WAV or FLAC."
        skipped.append(Skipped(shown(path), "another format", reason))
    readable = []
    for path in found.readable:
        if is_text(path):
            readable.append(path)
        else:
            skipped.append(Skipped(shown(path), "odd name", "Its name is not UTF-8, as manifests are; rename it."))
    return readable, skipped


def check_text(folder: Path) -> None:
    """Raise CorpusError where the path of a folder is not UTF-8."""
    if not is_text(folder):
        raise CorpusError(f"{folder} is not UTF-8, as manifests are; rename that folder.")


def _find(folder: Path, name: str) -> Path:
    """The sound file called `name` in `folder`, with any extension; a path that does not exist where there is none."""
    named = [folder / f"{name}{ext}" for ext in sorted(containers.READABLE)]
    return next((path for path in named if path.exists()), folder / name)


def _unique(utterances: Iterable[Utterance]) -> tuple[list[Utterance], list[Skipped]]:
    first: dict[str, Utterance] = {}
    skipped = []
    for utterance in utterances:
        other = first.setdefault(utterance.id, utterance)
        if other is not utterance:
            reason = f"It has the same corpus, speaker and name as {other.path}; rename one."
            skipped.append(Skipped(shown(utterance.path), "duplicate", reason))
    return list(first.values()), skipped


def _recordings(utterances: Iterable[Utterance]) -> tuple[dict[str, Recording], list[Skipped]]:
    recordings: dict[str, Recording] = {}
    skipped = []
    for utterance in utterances:
        found = _recording(utterance)
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            recordings[found.id] = found
    return recordings, skipped


def _recording(utterance: Utterance) -> Recording | Skipped:
    path = str(utterance.path)
    if not utterance.path.is_file():
        return Skipped(shown(path), "missing", "There is no such file.")
    try:
        header = audio.header(path)
    except AudioError as error:
        return Skipped(shown(path), "unreadable", str(error))
    seconds = header.n_frames / header.sample_rate
    if seconds < MIN_SECONDS:
        return Skipped(shown(path), "too short", f"It lasts {seconds:.2f} s; {MIN_SECONDS} s is the least.")
    source = AudioSource("file", list(range(header.channels)), path)
    return Recording(utterance.id, [source], header.sample_rate, header.n_frames, seconds)


def _splits(folder: Path, utterances: list[Utterance], seed: int) -> dict[str, list[Utterance]]:
    """Utterances by split; "train" is always there."""
    splits: dict[str, list[Utterance]] = {"train": []}
    dev = set() if any(u.split for u in utterances) else _held_out({u.speaker for u in utterances}, seed)
    for utterance in utterances:
        splits.setdefault(utterance.split or ("dev" if utterance.speaker in dev else "train"), []).append(utterance)
    if not splits["train"]:
        raise CorpusError(f"{folder} has no usable recording of the split 'train'; add some to train on.")
    return splits


def _held_out(speakers: set[str], seed: int) -> set[str]:
    if len(speakers) < DEV_MIN_SPEAKERS:
        return set()
    return set(random.Random(seed).sample(sorted(speakers), max(1, round(DEV_SHARE * len(speakers)))))


def _cuts(utterances: list[Utterance], recordings: dict[str, Recording]) -> CutSet:
    ours = [recordings[u.id] for u in utterances]
    segments = [_supervision(u, recordings[u.id].duration) for u in utterances]
    cuts = CutSet.from_manifests(RecordingSet.from_recordings(ours), SupervisionSet.from_segments(segments))
    return CutSet.from_cuts(cut.with_id(cut.recording_id) for cut in cuts).to_eager()


def _supervision(utterance: Utterance, duration: float) -> SupervisionSegment:
    custom = {key: value for key in ("style", "note") if (value := getattr(utterance, key))}
    return SupervisionSegment(
        id=utterance.id,
        recording_id=utterance.id,
        start=0.0,
        duration=duration,
        text=utterance.text or None,
        language=utterance.language or None,
        speaker=utterance.speaker,
        gender=utterance.gender or None,
        custom=custom or None,
    )
