"""The whole report on a bundle: a table with targets beside the figures, as JSON, Markdown and plots.

evaluate(voicevae.load(), Plan(Path("recordings"), quick=True), Path("report"))
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from voicevae.evaluation import workers
from voicevae.evaluation.document import Report
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
from voicevae.evaluation.probes import capacity, contours, disentanglement, linear, plots, speakers, styles
from voicevae.evaluation.report import curve
from voicevae.evaluation.study import Study, prepare
from voicevae.evaluation.table import markdown
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
from voicevae.evaluation.workers import Part
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


def _measured(study: Study, parts: Sequence[Part]) -> list[Report]:
    """The reports of `parts`, in their order: those that need no conversions in a second process, the costs at the end,
    when nothing else runs."""
    apart = [part for part in parts if part not in CONVERTED and part is not cost]
    with workers.begun(study, apart) as futures:
        own = {part.__name__: workers.measured(study, part) for part in parts if part in CONVERTED}
        own |= {name: future.result() for name, future in futures.items()}
    own |= {part.__name__: workers.measured(study, part) for part in parts if part.__name__ not in own}
    return [own[part.__name__] for part in parts]


def _draw(report: Report, out_dir: Path) -> None:
    found = {title: probes for title, name in RELIABILITY.items() if (probes := report.details.get(name))}
    if found:
        plots.reliability(found, out_dir / "probes.png")
        report.figures.append("probes.png")
    if points := report.details.get("curve"):
        shown = ["![CER added over closure](curve.png)"] if curve.draw(points, out_dir / "curve.png") else []
        report.opening = [*shown, curve.table(points)]
