"""Whole corpora anonymised: each speaker, or each recording, as a pseudo-speaker; finished files are not repeated."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicevae import batch
from voicevae.batch import BatchReport, Task
from voicevae.code import Speaker
from voicevae.errors import EditError, VoiceVAEError
from voicevae.journal import Row
from voicevae.shared_bundle import SharedBundle
from voicevae.verbs import anonymous
from voicevae.verbs.voices import VoiceSpace
from voicevae.voice import VoiceVAE

PER = ("speaker", "recording")


def anonymize(
    vv: VoiceVAE,
    sources: Sequence[str | Path],
    out_dir: str | Path,
    *,
    seed: int,
    per: str = "speaker",
    flatten: float = 0.0,
    gender: str | None = None,
    residual: float = anonymous.RESIDUAL,
    watermark: bool = True,
    workers: int = 1,
    executor: Executor | None = None,
) -> BatchReport:
    """`VoiceVAE.anonymize` of every recording, as .wav files in `out_dir`; folders keep their order within.

    Args:
        sources: sound files, or folders of them. All recordings of one folder are one speaker's.
        seed: draws the voices; keep it secret.
        per: "speaker" has one voice in all recordings, found from the first of them; "recording" has a new one in each.
        flatten, gender, residual: as in `VoiceVAE.anonymize`.
        watermark, workers, executor: as in `voicevae.batch.convert`, and so is the report.

    Raises:
        AudioError: as `voicevae.batch.convert`. EditError: a value that cannot be. BundleError: the bundle was not
            calibrated. WorkersError: worker processes were killed.
    """
    if per not in PER:
        raise EditError(f"per is {per!r}; give one of {', '.join(PER)}.")
    anonymous.check(VoiceSpace.of(vv.bundle.calibration), seed, gender, flatten=flatten, residual=residual)
    asked: dict[str, Any] = {"seed": seed, "flatten": flatten, "gender": gender, "residual": residual}
    planned = batch.plan(sources, out_dir, anonymous=per, bundle=vv.checksum, watermark=watermark, **asked)

    def work() -> Callable[[Task], Row]:
        names = {task.id: _speaker(task) if per == "speaker" else task.id for task in planned.tasks}
        voices = _voices(vv, planned.tasks, names, seed, gender) if per == "speaker" else {}
        return _Hide(SharedBundle.of(vv), names, voices, asked, watermark)

    return batch.write(work, planned, workers, executor)


@dataclass(frozen=True)
class _Hide:
    """What `anonymize` does with one file. names: the speaker of each task, by its id; voices: by speaker; asked: of
    `VoiceVAE.anonymize`."""

    bundle: SharedBundle
    names: dict[str, str]
    voices: dict[str, Speaker]
    asked: dict[str, Any]
    watermark: bool

    def __call__(self, task: Task) -> Row:
        assert task.output is not None
        vv, row, name = self.bundle.load(), {"id": task.id, "stamp": task.stamp}, self.names[task.id]
        try:
            code = vv.anonymize(task.source, speaker=name, voice=self.voices.get(name), **self.asked)
            written = vv.decode_file(code, task.output, edits="anonymised", watermark=self.watermark)
        except VoiceVAEError as error:
            return row | {"error": str(error)}
        return row | batch.done(written)


def _speaker(task: Task) -> str:
    """The name of the folder that a recording lies in."""
    return task.source.parent.name


def _voices(
    vv: VoiceVAE, tasks: Sequence[Task], names: dict[str, str], seed: int, gender: str | None
) -> dict[str, Speaker]:
    """The voice that hides each speaker, chosen by the first of their recordings that can be used."""
    found: dict[str, Speaker] = {}
    for task in tasks:
        name = names[task.id]
        if name not in found:
            with suppress(VoiceVAEError):  # what is wrong is said when the file's turn comes
                found[name] = vv.anonymous_voice(task.source, seed=seed, speaker=name, gender=gender)
    return found
