"""Parts of the report that need nothing of the others, measured in a second process."""

import importlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import voicevae
from voicevae import parallel
from voicevae.errors import VoiceVAEError
from voicevae.evaluation.document import Report
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.study import Study, prepare
from voicevae.threads import limited


class Part(Protocol):
    """A module of a wing that measures something for the report."""

    __name__: str

    def steps(self, study: Study) -> int:
        """How often `run` calls `study.step`."""

    def run(self, study: Study) -> None:
        """Measure, and add rows to `study.report`."""


def measured(study: Study, part: Part) -> Report:
    """What `part` alone adds to the report."""
    whole, study.report = study.report, Report({})
    try:
        part.run(study)
        return study.report
    finally:
        study.report = whole


@contextmanager
def begun(study: Study, parts: Sequence[Part]) -> Iterator[dict[str, Future[Report]]]:
    """The reports of `parts`, by their names, while they are measured, one after another, in one other process.

    There are none where one process is to measure all, or the voice is not one that another can load.

    Raises:
        VoiceVAEError: that process was killed.
    """
    path = getattr(study.vv, "path", None)
    if study.plan.workers < 2 or path is None or study.vv.networks.device != "cpu":
        yield {}
        return
    place = (path, study.plan, study.out_dir)
    with parallel.processes(1) as pool, limited(1):  # or both would wait for the other's threads
        futures = {}
        for part in parts:
            futures[part.__name__] = future = pool.submit(_measured, *place, part.__name__)
            future.add_done_callback(partial(_step, study, part.steps(study)))
        try:
            yield futures
        except BrokenExecutor:
            raise VoiceVAEError(
                "A process of the evaluation was killed, perhaps for lack of memory; run it with --workers 1."
            ) from None
        finally:
            for future in futures.values():
                future.cancel()


def _measured(path: Path, plan: Plan, out_dir: Path | None, name: str) -> Report:
    return measured(_study(path, plan, out_dir), importlib.import_module(name))


@cache
def _study(path: Path, plan: Plan, out_dir: Path | None) -> Study:
    return prepare(voicevae.load(path), plan, out_dir)


def _step(study: Study, n: int, future: Future[Report]) -> None:
    for _ in range(n):
        study.step()
