"""Feature extraction of many files in parallel, resumable.

A journal, one JSON line an utterance, says what was extracted from which state of which file; it is written after the
features, so that an interrupted run loses only what was under way.
"""

import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import torch
from lhotse import NumpyFilesWriter
from tqdm import tqdm

from voicevae import audio
from voicevae.data.folder import MIN_SECONDS, Skipped
from voicevae.errors import AudioError, CorpusError
from voicevae.features import FeatureConfig, extract

FULL_SCALE = 0.999
MAX_CLIPPED = 0.01  # of the samples
CHUNK = 4  # utterances handed to a worker at a time


@dataclass(frozen=True)
class Job:
    """One utterance to extract; `stamp` changes when its file or the feature configuration does."""

    id: str
    path: str
    stamp: str


@dataclass(frozen=True)
class Done:
    """What became of a job: features of `shape` `[T, n_channels + 3]` under the key `key`, or a skipped file."""

    id: str
    stamp: str
    key: str = ""
    shape: tuple[int, ...] = ()
    skipped: Skipped | None = None


class Journal:
    """The jobs that are done, kept in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Done]:
        """By id; the last line of an id counts, and a line cut off by an interruption does not."""
        found = {}
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            skipped = Skipped(**row.pop("skipped")) if row.get("skipped") else row.pop("skipped", None)
            found[row["id"]] = Done(**{**row, "shape": tuple(row["shape"])}, skipped=skipped)
        return found

    def append(self, results: Iterable[Done]) -> Iterator[Done]:
        """Pass results on, each once it is written down."""
        cut_off = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
        with open(self.path, "a", encoding="utf-8") as file:
            if cut_off:
                file.write("\n")
            for result in results:
                file.write(json.dumps(asdict(result)) + "\n")
                file.flush()
                yield result


def job(id: str, path: str, config: FeatureConfig) -> Job:
    """The job of one file in its present state."""
    state = os.stat(path)
    stamp = {"path": path, "size": state.st_size, "mtime_ns": state.st_mtime_ns, "features": asdict(config)}
    return Job(id, path, json.dumps(stamp, sort_keys=True))


def extract_all(jobs: list[Job], folder: Path, config: FeatureConfig, workers: int) -> tuple[dict[str, Done], int]:
    """Do every job that the journal in `folder` does not hold.

    Args:
        folder: gets `frames/` and `done.jsonl`.
        workers: processes; 1 works in this one.

    Returns:
        what became of each job, by id, and how many were done just now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    journal, frames = Journal(folder / "done.jsonl"), folder / "frames"
    known = journal.read()
    done = {j.id: known[j.id] for j in jobs if j.id in known and _is_done(known[j.id], j, frames)}
    new = [j for j in jobs if j.id not in done]
    results = _run(new, frames, config, workers)
    progress = tqdm(journal.append(results), "features", total=len(new), unit="file", disable=not new)
    done |= {result.id: result for result in progress}
    return done, len(new)


def _is_done(done: Done, job: Job, frames: Path) -> bool:
    return done.stamp == job.stamp and (done.skipped is not None or (frames / done.key).exists())


def _run(jobs: list[Job], frames: Path, config: FeatureConfig, workers: int) -> Iterator[Done]:
    workers = min(workers, len(jobs) // CHUNK)
    if workers < 2:
        extractor = _Extractor(frames, config)
        yield from map(extractor, jobs)
        return
    # Fresh processes: a fork of one that has run torch's threads can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start_worker, (frames, config)) as pool:
        try:
            yield from pool.map(_work, jobs, chunksize=CHUNK)
        except BrokenProcessPool:
            raise CorpusError(
                "A worker process was killed, perhaps for lack of memory; run again with fewer workers, it goes on "
                "where it stopped."
            ) from None


class _Extractor:
    def __init__(self, frames: Path, config: FeatureConfig) -> None:
        self.writer, self.config = NumpyFilesWriter(frames), config

    def __call__(self, job: Job) -> Done:
        try:
            wave = audio.read(job.path, self.config.sample_rate)
        except AudioError as error:
            return Done(job.id, job.stamp, skipped=Skipped(job.path, _kind(job.path), str(error)))
        if fault := _fault(wave, self.config.sample_rate):
            return Done(job.id, job.stamp, skipped=Skipped(job.path, *fault))
        array = extract(wave, self.config).array().astype(np.float32)
        return Done(job.id, job.stamp, self.writer.write(job.id, array), array.shape)


_worker: _Extractor


def _start_worker(frames: Path, config: FeatureConfig) -> None:
    global _worker
    torch.set_num_threads(1)
    _worker = _Extractor(frames, config)


def _work(job: Job) -> Done:
    return _worker(job)


def _fault(wave: np.ndarray, sample_rate: int) -> tuple[str, str] | None:
    """(kind, reason) why a readable wave `[n]` is no good for training."""
    seconds, clipped = len(wave) / sample_rate, float(np.mean(np.abs(wave) >= FULL_SCALE))
    if seconds < MIN_SECONDS:
        return "too short", f"It lasts {seconds:.2f} s; {MIN_SECONDS} s is the least."
    if clipped > MAX_CLIPPED:
        return "clipped", f"{100 * clipped:.1f} % of its samples are at full scale."
    return None


def _kind(path: str) -> str:
    """Why `audio.read` refused a file, in one or two words."""
    try:
        wave, _ = sf.read(path)
    except (sf.SoundFileError, TypeError, OSError):
        return "unreadable"
    if len(wave) and np.isfinite(wave).all() and np.ptp(wave) < audio.SILENCE:
        return "silent"
    return "unusable"
