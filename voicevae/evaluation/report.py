"""The whole report on a bundle: a table with targets beside the figures, as JSON, Markdown and plots.

evaluate(voicevae.load(), Plan(Path("recordings"), quick=True), Path("report"))
"""

from pathlib import Path
from typing import Any

from tqdm import tqdm

from voicevae.evaluation import probe_plots, recognisers
from voicevae.evaluation.clips import by_corpus, by_speaker
from voicevae.evaluation.document import Report, package_versions
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.parts import (
    anomalies,
    baselines,
    blends,
    contents,
    contours,
    conversions,
    costs,
    edits,
    embeddings,
    intonations,
    listening,
    manners,
    marks,
    repairs,
    samples,
    searches,
    songs,
    speakers,
    styles,
    traversals,
    words,
)
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.study import Study, draw, judge, missing, read_clips
from voicevae.evaluation.table import markdown
from voicevae.voice import VoiceVAE

PARTS = (edits, conversions, contents, words, listening, speakers, contours, styles, baselines, costs)
VERBS = (marks, samples, blends, traversals, intonations, manners, songs, searches, repairs, anomalies, embeddings)
PROBES = {"unheard speaker": "probes, unheard speaker", "known speaker": "probes, known speaker", "style": "style"}


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
    parts = PARTS + VERBS if plan.verbs else PARTS
    with tqdm(total=sum(part.steps(study) for part in parts), desc="evaluate", unit="step") as bar:
        study.step = bar.update
        for part in parts:
            part.run(study)
    print(markdown(study.report.rows))
    if out_dir is not None:
        _draw(study.report, out_dir)
        study.report.write(out_dir)
    return study.report.content()


def prepare(vv: VoiceVAE, plan: Plan, out_dir: Path | None) -> Study:
    """Everything that the parts need: recordings are looked up, pairs drawn, judges loaded."""
    clips, known = read_clips(plan)
    pairs = draw(plan, clips)
    try:
        recogniser: recognisers.Recogniser | str = recognisers.named(plan.recogniser)
    except ImportError as error:
        recogniser = missing(error)
    report = Report(
        {
            "bundle": str(getattr(vv, "checksum", "")),
            "corpus": plan.corpus.resolve().name,
            "split": plan.split,
            "clips": {
                name: f"{len(own)} clips of {len(by_speaker(own))} speakers" for name, own in by_corpus(clips).items()
            },
            "pairs": {name: len(own) for name, own in pairs.items()},
            "seed": plan.seed,
            "quick": plan.quick,
            "packages": package_versions(),
        }
    )
    return Study(vv, plan, clips, known, pairs, Originals(vv, judge()), recogniser, out_dir, report)


def _draw(report: Report, out_dir: Path) -> None:
    found = {title: probes for title, name in PROBES.items() if (probes := report.details.get(name))}
    if found:
        probe_plots.reliability(found, out_dir / "probes.png")
        report.figures.append("probes.png")
