"""Feature extraction of many files in parallel, resumable.

A journal records which state of which file was extracted; it is written after the features, so that an interrupted run
loses only unfinished items.
"""

import warnings
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from lhotse import NumpyFilesWriter
from tqdm import tqdm

from voicevae import audio, parallel
from voicevae.data.folder import MIN_SECONDS, Skipped
from voicevae.errors import AudioError, SilenceError
from voicevae.features import FeatureConfig, extract
from voicevae.journal import Journal, Row, stamp
from voicevae.names import fitted, shown

FULL_SCALE = 0.999
MAX_CLIPPED = 0.01  # of the samples
FEW = 4  # files, for which another process does not pay


@dataclass(frozen=True)
class Job:
    """One utterance to extract; `stamp` changes when its file or the feature configuration does."""

    id: str
    path: str
    stamp: str


@dataclass(frozen=True)
class Done:
    """Result of a job: features of `shape` `[T, n_channels + 3]` under the key `key`, or a skipped file."""

    id: str
    stamp: str
    key: str = ""
    shape: tuple[int, ...] = ()
    skipped: Skipped | None = None


def job(id: str, path: str, config: FeatureConfig) -> Job:
    """The job of one file in its present state."""
    return Job(id, path, stamp(path, features=asdict(config)))


def extract_all(
    jobs: list[Job], folder: Path, config: FeatureConfig, workers: int, executor: Executor | None = None
) -> tuple[dict[str, Done], int]:
    """Do every job that is not in the journal of `folder`.

    Args:
        folder: gets `frames/` and `done.jsonl`.
        workers: processes; 1 works in this one.
        executor: does the work instead, if given.

    Returns:
        the results by id, and how many were made now.

    Raises:
        WorkersError: worker processes were killed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    journal, frames = Journal(folder / "done.jsonl"), folder / "frames"
    known = {id: _from_row(row) for id, row in journal.read().items()}
    done = {j.id: known[j.id] for j in jobs if j.id in known and _is_done(known[j.id], j, frames)}
    new = [j for j in jobs if j.id not in done]
    with nullcontext(executor) if executor else parallel.workers(min(workers, len(new) // FEW)) as used:
        rows = journal.append(map(asdict, parallel.run(_Extractor(frames, config), new, used)))
        progress = tqdm(rows, "features", total=len(new), unit="file", disable=not new)
        done |= {row["id"]: _from_row(row) for row in progress}
    return done, len(new)


def _from_row(row: Row) -> Done:
    skipped = Skipped(**row["skipped"]) if row["skipped"] else None
    return Done(**{**row, "shape": tuple(row["shape"]), "skipped": skipped})


def _is_done(done: Done, job: Job, frames: Path) -> bool:
    return done.stamp == job.stamp and (done.skipped is not None or (frames / done.key).exists())


@dataclass(frozen=True)
class _Extractor:
    frames: Path
    config: FeatureConfig

    def __call__(self, job: Job) -> Done:
        try:
            wave = audio.read(job.path, self.config.sample_rate)
        except AudioError as error:
            return Done(job.id, job.stamp, skipped=Skipped(shown(job.path), _kind(job.path, error), str(error)))
        if fault := _fault(wave, self.config.sample_rate):
            return Done(job.id, job.stamp, skipped=Skipped(shown(job.path), *fault))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a corpus, where F0 leaves the range tells little
            array = extract(wave, self.config).array().astype(np.float32)
        return Done(job.id, job.stamp, NumpyFilesWriter(self.frames).write(fitted(job.id, ".npy"), array), array.shape)


def _fault(wave: np.ndarray, sample_rate: int) -> tuple[str, str] | None:
    """(kind, reason) why a readable wave `[n]` is unfit for training."""
    seconds, clipped = len(wave) / sample_rate, float(np.mean(np.abs(wave) >= FULL_SCALE))
    if seconds < MIN_SECONDS:
        return "too short", f"It lasts {seconds:.2f} s; {MIN_SECONDS} s is the least."
    if clipped > MAX_CLIPPED:
        return "clipped", f"{100 * clipped:.1f} % of its samples are at full scale."
    return None


def _kind(path: str, error: AudioError) -> str:
    """Why `audio.read` refused a file, in one or two words."""
    if isinstance(error, SilenceError):
        return "silent"
    try:
        audio.header(path)
    except AudioError:
        return "unreadable"
    return "unusable"
