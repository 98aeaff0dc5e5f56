"""The whole report on a bundle: a table with targets beside the figures, as JSON, Markdown and plots.

evaluate(voicevae.load(), Plan(Path("recordings"), quick=True), Path("report"))
"""

import importlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

import voicevae
from voicevae import parallel
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import plots
from voicevae.evaluation.document import Report, markdown
from voicevae.evaluation.metrics import (
    baselines,
    burst,
    content,
    conversion,
    cost,
    editing,
    mcd,
    quality,
    recognition,
    whisper,
)
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.probes import capacity, contours, disentanglement, linear, speakers, styles
from voicevae.evaluation.report import curve
from voicevae.evaluation.study import Study, prepare
from voicevae.evaluation.verbs import (
    anomaly,
    anonymization,
    blending,
    embedding,
    intonation,
    repair,
    sampling,
    search,
    singing,
    spans,
    style,
    traversal,
)
from voicevae.threads import limited
from voicevae.voice import VoiceVAE

CONVERTED = (curve, recognition, conversion, content, mcd, quality, baselines)  # they share conversions: one process
METRICS = (*CONVERTED, burst, editing)
PROBES = (speakers, linear, capacity, contours, disentanglement, styles)
PARTS = (*METRICS, *PROBES, cost)
VERBS = (
    spans,
    sampling,
    blending,
    traversal,
    intonation,
    style,
    singing,
    search,
    repair,
    anomaly,
    embedding,
    anonymization,
)
RELIABILITY = {"unseen speaker": "probes, unseen speaker", "known speaker": "probes, known speaker", "style": "style"}


class Part(Protocol):
    """A module of a wing that measures something for the report."""

    __name__: str

    def steps(self, study: Study) -> int:
        """How often `run` calls `study.step`."""

    def run(self, study: Study) -> None:
        """Measure, and add rows to `study.report`."""


def evaluate(vv: VoiceVAE, plan: Plan, out_dir: Path | None = None) -> dict[str, Any]:
    """Measure everything, print the table, and write report.json, report.md and plots to `out_dir` if one is given.

    Returns:
        What report.json holds.

    Raises:
        CorpusError: the split does not exist or has no speaker with enough speech.
        VoiceVAEError: there is no such recogniser.
    """
    study = prepare(vv, plan, out_dir)
    if out_dir is not None:
        out_dir.mkdir(parents=True, exist_ok=True)
    parts: Sequence[Part] = PARTS + VERBS if plan.verbs else PARTS
    with tqdm(total=sum(part.steps(study) for part in parts), desc="evaluate", unit="step") as bar:
        study.step = bar.update
        for found in _measured(study, parts):
            study.report.take(found)
    if isinstance(study.recogniser, str):
        study.report.skipped.append(f"character error rates, as {study.recogniser}. {whisper.HOW}")
    print(markdown(study.report.rows))
    print(*(f"Left out: {sentence}" for sentence in study.report.skipped), sep="\n")
    if out_dir is not None:
        _draw(study.report, out_dir)
        study.report.write(out_dir)
    return study.report.content()


def measured(study: Study, part: Part) -> Report:
    """What `part` alone adds to the report."""
    whole, study.report = study.report, Report({})
    try:
        part.run(study)
        return study.report
    finally:
        study.report = whole


@contextmanager
def in_second_process(study: Study, parts: Sequence[Part]) -> Iterator[dict[str, Future[Report]]]:
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
            futures[part.__name__] = future = pool.submit(_measured_by_name, *place, part.__name__)
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


def _measured(study: Study, parts: Sequence[Part]) -> list[Report]:
    """The reports of `parts`, in their order: those that need no conversions in a second process, the costs at the end,
    when nothing else runs."""
    apart = [part for part in parts if part not in CONVERTED and part is not cost]
    with in_second_process(study, apart) as futures:
        own = {part.__name__: measured(study, part) for part in parts if part in CONVERTED}
        own |= {name: future.result() for name, future in futures.items()}
    own |= {part.__name__: measured(study, part) for part in parts if part.__name__ not in own}
    return [own[part.__name__] for part in parts]


def _measured_by_name(path: Path, plan: Plan, out_dir: Path | None, name: str) -> Report:
    return measured(_study(path, plan, out_dir), importlib.import_module(name))


@cache
def _study(path: Path, plan: Plan, out_dir: Path | None) -> Study:
    return prepare(voicevae.load(path), plan, out_dir)


def _step(study: Study, n: int, future: Future[Report]) -> None:
    for _ in range(n):
        study.step()


def _draw(report: Report, out_dir: Path) -> None:
    found = {title: probes for title, name in RELIABILITY.items() if (probes := report.details.get(name))}
    if found:
        plots.reliability(found, out_dir / "probes.png")
        report.figures.append("probes.png")
    if points := report.details.get("curve"):
        shown = ["![CER added over closure](curve.png)"] if curve.draw(points, out_dir / "curve.png") else []
        report.opening = [*shown, curve.table(points)]
