"""What is said and by whom, by lhotse's own recipes.

A recipe of lhotse stops at the first damaged recording, at a line without words, and at words without a recording. So
it reads a tidy copy of the corpus: links to what can be read, and of the transcripts the lines that say something of
it. Recordings that it leaves out, for want of a transcript, can be trained on as well.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import soundfile as sf
from lhotse import SupervisionSegment, SupervisionSet

from voicevae.data.corpora.layout import Sound, read_text
from voicevae.data.folder import EXTENSIONS, Skipped


@dataclass(frozen=True)
class Transcripts:
    """Where a corpus says what was said.

    files: glob of the transcripts; line: regular expression of a line with words; recording: the place of the recording
    that it is about, from the expression's groups `{0}`, ... and the transcript's place `{file}`, a Path.
    """

    files: str
    line: str
    recording: str


class Labels(NamedTuple):
    """texts: by a recording's place, and genders: by its speaker, "f" or "m", where they are known; unread: why what a
    recipe could not read at all is without."""

    texts: dict[str, str]
    genders: dict[str, str]
    unread: list[Skipped]


def labels(
    folder: Path,
    found: Sequence[Sound],
    prepare: Callable[[Path, str], dict[str, Any]],
    transcripts: Transcripts,
    parts: Iterable[str] = ("",),
) -> Labels:
    """What lhotse says of the recordings `found` in `folder`.

    Args:
        prepare: calls lhotse's recipe with a folder and one of `parts`; gives its manifests, by part or not.
        parts: folders in `folder` that the recipe takes one by one.
    """
    said: dict[str, SupervisionSegment] = {}
    unread = []
    with tempfile.TemporaryDirectory() as aside:
        copy = Path(aside) / folder.name
        worded = _tidy_copy(folder, copy, {s.place for s in found if _readable(s.path)}, transcripts)
        for part in parts:
            if not any(place.startswith(part) for place in worded):
                continue
            try:
                said |= _by_place(prepare(copy, part), copy)
            except Exception as error:  # whatever a recipe trips over: labels are not needed to train
                reason = f"lhotse's recipe stopped ({type(error).__name__}: {error}); recordings are used without text."
                unread.append(Skipped(str(folder / part), "labels unread", reason))
    texts = {place: (label.text or "").strip() for place, label in said.items()}
    genders = {s.speaker: (said[s.place].gender or "")[:1].lower() for s in found if s.place in said}
    return Labels(texts, genders, unread)


def _readable(path: Path) -> bool:
    try:
        return sf.info(path).frames > 0
    except (sf.SoundFileError, TypeError):
        return False


def _tidy_copy(folder: Path, copy: Path, recordings: set[str], transcripts: Transcripts) -> set[str]:
    """Returns the places of the recordings whose words are in the copy."""
    worded: set[str] = set()
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_dir() or any(part.startswith(".") for part in place.parts):
            continue
        if place.match(transcripts.files):
            lines = dict(_lines(path, place, recordings, transcripts))
            worded |= set(lines)
            if lines:
                _make_room(copy / place).write_text("\n".join(lines.values()) + "\n", encoding="utf-8")
        elif place.as_posix() in recordings or path.suffix.lower() not in EXTENSIONS:
            _make_room(copy / place).symlink_to(path)
    return worded


def _lines(path: Path, place: Path, recordings: set[str], transcripts: Transcripts) -> Iterable[tuple[str, str]]:
    """(place of the recording, line) of the lines with words about one of `recordings`."""
    for line in read_text(path).splitlines():
        if match := re.fullmatch(transcripts.line, line.strip()):
            recording = transcripts.recording.format(*match.groups(), file=place)
            if recording in recordings:
                yield recording, line.strip()


def _make_room(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _by_place(manifests: dict[str, Any], copy: Path) -> dict[str, SupervisionSegment]:
    found = {}
    for pair in [manifests] if "recordings" in manifests else manifests.values():
        recordings, supervisions = pair["recordings"], pair["supervisions"]
        if isinstance(recordings, SupervisionSet):  # lhotse 1.33 names the two sets of AISHELL-3 the wrong way round
            recordings, supervisions = supervisions, recordings
        for supervision in supervisions:
            source = Path(recordings[supervision.recording_id].sources[0].source)
            found[source.relative_to(copy).as_posix()] = supervision
    return found
