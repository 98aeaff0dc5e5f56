"""Whole corpora through one bundle, by processes or any executor; finished files are not repeated.

A journal records the state of each file, the bundle, the voice and the edits of its result. For sounds it is
`.done.jsonl` in their folder, for a table `.<name>.done.jsonl` beside it.
"""

import base64
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from voicevae import aside, audio, parallel
from voicevae.aside import make_folder
from voicevae.code import SHARES, Speaker
from voicevae.codec import recordings
from voicevae.edits import Edit
from voicevae.errors import AudioError, VoiceVAEError
from voicevae.features import extract
from voicevae.files import Written
from voicevae.journal import Journal, Row, stamp
from voicevae.names import fitted, shown
from voicevae.shared_bundle import SharedBundle
from voicevae.tasks import Planned, Task, existing, files, plan, there
from voicevae.verbs import embed as embedding
from voicevae.voice import VoiceVAE

JOURNAL = ".done.jsonl"
Reference = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class BatchReport:
    """Files made now and found made; seconds of speech made now; a sentence for each file that could not be used.

    gains: of the outputs that were scaled as they would have clipped, made now; left_out: files in the folders, of
    sounds that cannot be read; warnings: a sentence each, as of F0 that could not be followed.
    """

    made: int
    kept: int
    seconds: float
    failures: list[str]
    gains: dict[Path, float] = field(default_factory=dict)
    left_out: list[Path] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def convert(
    vv: VoiceVAE,
    sources: Sequence[str | Path],
    out_dir: str | Path,
    *,
    voice: Reference | None = None,
    seed: int = 0,
    watermark: bool = True,
    workers: int = 1,
    executor: Executor | None = None,
    **edits: float,
) -> BatchReport:
    """Every recording in another voice, with edits, as .wav files in `out_dir`; folders keep their order within.

    Args:
        sources: sound files, or folders of them.
        voice: a recording, a folder or list of them, or a voice file; without one the voices stay.
        watermark: carry the watermark.
        workers: processes; 1 works in this one.
        executor: does the work instead, if given; see `voicevae.parallel`.
        edits: as in `Code.edit`, but for marks.

    Raises:
        AudioError: none of the sources exists, two are for one output, an output is among them, or a voice cannot be
            used.
        EditError: an edit out of range. WorkersError: worker processes were killed.
    """
    Edit.of({name: value for name, value in edits.items() if name not in SHARES})
    made = {"bundle": vv.checksum, "seed": seed, "watermark": watermark, "edits": edits}
    made["voice"] = None if voice is None else [stamp(there(Path(path)).resolve()) for path in _references(voice)]
    planned = plan(sources, out_dir, **made)

    def work() -> Callable[[Task], Row]:
        return _Speak(SharedBundle.of(vv), None if voice is None else vv.speaker(voice), seed, watermark, edits)

    return write(work, planned, workers, executor)


def write(
    work: Callable[[], Callable[[Task], Row]], planned: Planned, workers: int, executor: Executor | None
) -> BatchReport:
    """Do what is `planned` and not yet done; `work` is made only if there is any."""
    folder, tasks = planned.folder, planned.tasks
    outputs = [task.output for task in tasks if task.output is not None]
    for parent in {output.parent for output in outputs}:
        make_folder(parent)
    rows, new = _do(work, tasks, Journal(folder / JOURNAL), workers, executor)
    aside.sweep(outputs)
    now = [rows[task.id] for task in tasks if task.id in new]
    failures = [row["error"] for row in now if "error" in row]
    gains = {folder / row["id"]: row["gain"] for row in now if row.get("gain", 1) < 1}
    seconds = sum(row.get("seconds", 0) for row in now)
    made_now = len(now) - len(failures)
    said = [sentence for row in now for sentence in row.get("warnings", [])]
    kept = len(rows) - len(now)
    return BatchReport(made_now, kept, seconds, planned.missing + failures, gains, planned.left_out, said)


def embed(
    vv: VoiceVAE,
    sources: Sequence[str | Path],
    output: str | Path,
    *,
    workers: int = 1,
    executor: Executor | None = None,
) -> tuple[embedding.Embeddings, list[str]]:
    """`VoiceVAE.embed` of many files: a row for each that can be used, and a sentence for each other.

    Args:
        sources: sound files, or folders of them.
        output: where the table is to be saved; the journal lies beside it.
        workers, executor: as in `convert`.

    Raises:
        AudioError: no recording can be used; it names the first. WorkersError: worker processes were killed.
    """
    (named, _), output = files(sources), Path(output)
    found, missing = existing(named)
    tasks = [Task(str(path), path.resolve(), stamp(path.resolve(), bundle=vv.checksum)) for path in found]
    journal = Journal(output.with_name(fitted(f".{output.name}", JOURNAL)))
    rows, _ = _do(lambda: _Embed(SharedBundle.of(vv)), tasks, journal, workers, executor)
    failures = missing + [rows[task.id]["error"] for task in tasks if "error" in rows[task.id]]
    done = [rows[task.id] for task in tasks if "error" not in rows[task.id]]
    if not done:
        raise AudioError(failures[0])
    vectors = [{name: _floats(text) for name, text in row["groups"].items()} for row in done]
    return embedding.stacked([row["id"] for row in done], vectors, [row["seconds"] for row in done]), failures


def _references(voice: Reference) -> Sequence[str | Path]:
    """The files that a voice is read from."""
    if isinstance(voice, str | Path) and not os.path.isdir(voice):
        return [voice]
    return [one for one in recordings(voice) if isinstance(one, str | Path)]


def _do(
    work: Callable[[], Callable[[Task], Row]], tasks: list[Task], journal: Journal, workers: int, executor: Any
) -> tuple[dict[str, Row], set[str]]:
    """The row of each task by id, and the ids of those done now; `work` is made only if there is any."""
    known = journal.read()
    rows = {task.id: known[task.id] for task in tasks if _is_done(task, known.get(task.id))}
    new = [task for task in tasks if task.id not in rows]
    if new:
        with nullcontext(executor) if executor else parallel.workers(min(workers, len(new))) as used:
            made = journal.append(parallel.run(_Heard(work()), new, used))
            rows |= {row["id"]: row for row in tqdm(made, total=len(new), unit="file", disable=None)}
    return rows, {task.id for task in new}


def _is_done(task: Task, row: Row | None) -> bool:
    """Whether a task is finished, and its result is still there, and whole."""
    if row is None or row["stamp"] != task.stamp or "error" in row:
        return False
    return task.output is None or (task.output.is_file() and task.output.stat().st_size == row["size"])


@dataclass(frozen=True)
class _Heard:
    """`work`, whose warnings go into the row with the name of the file: other processes are not heard."""

    work: Callable[[Task], Row]

    def __call__(self, task: Task) -> Row:
        with warnings.catch_warnings(record=True) as heard:
            warnings.filterwarnings("always", category=UserWarning, module=r"voicevae\.")
            row = self.work(task)
        said = [f"{shown(task.source)}: {one.message}" for one in heard if one.category is UserWarning]
        return row | ({"warnings": said} if said else {})


@dataclass(frozen=True)
class _Speak:
    """What `convert` does with one file."""

    bundle: SharedBundle
    speaker: Speaker | None
    seed: int
    watermark: bool
    edits: dict[str, float]

    def __call__(self, task: Task) -> Row:
        assert task.output is not None
        vv, row = self.bundle.load(), {"id": task.id, "stamp": task.stamp}
        how: dict[str, Any] = {"seed": self.seed, "watermark": self.watermark, **self.edits}
        try:
            if self.speaker is None:
                written = vv.modulate_file(task.source, task.output, **how)
            else:
                written = vv.convert_file(task.source, task.output, voice=self.speaker, **how)
        except VoiceVAEError as error:
            return row | {"error": str(error)}
        return row | done(written)


def done(written: Written) -> Row:
    """What the journal keeps of a sound."""
    return {"seconds": written.duration_s, "gain": written.gain, "size": written.path.stat().st_size}


@dataclass(frozen=True)
class _Embed:
    """What `embed` does with one file."""

    bundle: SharedBundle

    def __call__(self, task: Task) -> Row:
        vv, row = self.bundle.load(), {"id": task.id, "stamp": task.stamp}
        try:
            wave = audio.read(task.source, vv.sample_rate)
            vector = embedding.vector(vv.coder, extract(wave, vv.config))
        except VoiceVAEError as error:
            return row | {"error": str(error)}
        return row | {"seconds": len(wave) / vv.sample_rate, "groups": {k: _text(v) for k, v in vector.items()}}


def _text(values: np.ndarray) -> str:
    """Float32 `[n]` as text, exactly."""
    return base64.b64encode(np.asarray(values, np.float32).tobytes()).decode()


def _floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)
