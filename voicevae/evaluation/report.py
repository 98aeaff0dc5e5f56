"""The whole report on a bundle: a table with targets beside the figures, as JSON, Markdown and plots.

evaluate(voicevae.load(), Path("recordings"), "dev", Path("report"), quick=True)
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from voicevae.bundle import DEFAULT
from voicevae.errors import CorpusError
from voicevae.evaluation import conversion, cost, editing, plots, probes, rows
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker, draw_clips, read_clips, usable_clips
from voicevae.evaluation.conversion import Conversion
from voicevae.evaluation.document import Report, package_versions
from voicevae.evaluation.pairs import Pair, draw_pairs
from voicevae.evaluation.similarity import Judge
from voicevae.evaluation.table import markdown
from voicevae.voice import VoiceVAE

EDITED_CLIPS, QUICK_EDITED_CLIPS = 96, 24
QUICK_SHARE = 5  # every other corpus gets one pair for so many of the headline's
KNOWN_SPLIT = "train"
COST_STEPS = 2

Step = Callable[[], object]


def evaluate(
    vv: VoiceVAE,
    corpus: Path,
    split: str = "dev",
    out_dir: Path | None = None,
    quick: bool = False,
    n_pairs: int = 200,
    seed: int = 0,
    memory: bool = True,
) -> dict[str, Any]:
    """Measure everything, print the table, and write report.json, report.md and plots to `out_dir` if one is given.

    Args:
        vv: the loaded bundle.
        corpus: folder of recordings, or an experiment's folder in which they were prepared.
        split: of speakers that the bundle has not heard; the probes of known speakers use "train".
        quick: fewer clips for the edits, and fewer pairs for all corpora but the headline, which has the most clips.
        n_pairs: conversions a corpus.
        seed: draws pairs, clips and bootstrap samples.
        memory: measure it, too, which converts 30 minutes of speech.

    Returns:
        What report.json holds.

    Raises:
        CorpusError: the split does not exist or has no speaker with enough speech.
    """
    if n_pairs < 1:
        raise CorpusError(f"The number of pairs is {n_pairs}; give at least 1.")
    clips = usable_clips(read_clips(corpus, split))
    if not clips:
        raise CorpusError(
            f"No speaker of the split {split!r} in {corpus} has three recordings or 9 s of speech; add some."
        )
    if out_dir is not None:
        out_dir.mkdir(parents=True, exist_ok=True)
    pairs, known = _pairs(clips, quick, n_pairs, seed), _known_clips(corpus, seed)
    edited = draw_clips(clips, QUICK_EDITED_CLIPS if quick else EDITED_CLIPS, seed)
    report = Report(_about(vv, corpus, split, quick, seed, clips, pairs))
    steps = sum(map(len, pairs.values())) + editing.STEPS * len(edited) + len(known) + COST_STEPS
    with tqdm(total=steps, desc="evaluate", unit="step") as bar:
        _edit(report, vv, edited, bar.update)
        _convert(report, vv, pairs, seed, out_dir, bar.update)
        _probe(report, vv, known, seed, bar.update)
        _cost(report, vv, clips, memory, bar.update)
    print(markdown(report.rows))
    if out_dir is not None:
        report.write(out_dir)
    return report.content()


def _pairs(clips: Sequence[Clip], quick: bool, n: int, seed: int) -> dict[str, list[Pair]]:
    """Pairs by corpus, the headline first; a corpus of one speaker has none and is left out."""
    pairs: dict[str, list[Pair]] = {}
    for name, own in by_corpus(clips).items():
        wanted = max(n // QUICK_SHARE, 1) if quick and pairs else n
        if drawn := draw_pairs(own, wanted, seed):
            pairs[name] = drawn
    return pairs


def _known_clips(corpus: Path, seed: int) -> list[Clip]:
    try:
        return probes.draw_known(read_clips(corpus, KNOWN_SPLIT), seed)
    except CorpusError:
        return []


def _edit(report: Report, vv: VoiceVAE, clips: Sequence[Clip], step: Step) -> None:
    measured, failed = editing.edit_all(vv, clips, step)
    found = editing.evaluate(measured)
    report.skipped += failed
    report.add("edits", {"clips": len(clips) - len(failed), **found}, rows.edits(found))


def _convert(
    report: Report, vv: VoiceVAE, pairs: dict[str, list[Pair]], seed: int, out_dir: Path | None, step: Step
) -> None:
    judge, why = _judge()
    done: dict[str, list[Conversion]] = {}
    for name, own in pairs.items():
        converted, failed = conversion.convert_all(vv, own, judge, step)
        report.skipped += failed
        if converted:
            done[name or report.about["corpus"]] = converted
    if not done:
        report.add("conversion", None, rows.absent("conversion", "no two speakers with three recordings each"))
        return
    headline, *_ = done
    if len(done) > 1:
        done["all corpora"] = [c for own in done.values() for c in own]
    results = {name: conversion.evaluate(own, seed) for name, own in done.items()}
    for name, found in results.items():
        report.rows += rows.conversions(name, found, name == headline, why)
    report.add("conversion", results, [])
    if out_dir is not None:
        _draw(report, vv, headline, done[headline], out_dir)


def _judge() -> tuple[Judge | None, str]:
    try:
        return Judge(), ""
    except ImportError as error:
        return None, _missing(error)


def _missing(error: ImportError) -> str:
    return f"{error.name} is not installed; `pip install voicevae[eval]` brings it"


def _draw(report: Report, vv: VoiceVAE, name: str, done: list[Conversion], out_dir: Path) -> None:
    """A histogram, and the strips of the pairs with the lowest, the middle and the highest SECS."""
    scores = [c.scores for c in done if c.scores is not None]
    if scores:
        plots.histogram(scores, f"Conversion of {name}", out_dir / "similarity.png")
        report.figures.append("similarity.png")
        done = sorted(done, key=lambda c: c.scores.secs if c.scores else 0.0)
    shown = [done[i] for i in sorted({0, len(done) // 2, len(done) - 1})]
    plots.strips([_strip(vv, c) for c in shown], vv.config, out_dir / "strips.png")
    report.figures.append("strips.png")


def _strip(vv: VoiceVAE, done: Conversion) -> dict[str, np.ndarray]:
    pair, rate = done.pair, vv.sample_rate
    scores = f", SECS {done.scores.secs:.2f}, floor {done.scores.floor:.2f}" if done.scores else ""
    return {
        f"source {pair.source.id}": pair.source.load(rate),
        f"converted{scores}": conversion.convert_pair(vv, pair),
        f"target {pair.reference.id}": pair.reference.load(rate),
    }


def _probe(report: Report, vv: VoiceVAE, clips: Sequence[Clip], seed: int, step: Step) -> None:
    figure = "speaker from z_c / from z_s"
    if len(by_speaker(clips)) < 2:
        report.add("probes", None, rows.absent(figure, "no two known speakers with four recordings each"))
        return
    try:
        found = probes.evaluate([_latents(vv, clip, step) for clip in clips], seed)
    except ImportError as error:
        report.add("probes", None, rows.absent(figure, _missing(error)))
        return
    report.add("probes", found, rows.probes(found))


def _latents(vv: VoiceVAE, clip: Clip, step: Step) -> probes.Utterance:
    code = vv.encode(clip.load(vv.sample_rate), vv.sample_rate)
    step()
    rate = len(code.content) * code.sample_rate / code.n_samples
    return probes.Utterance(clip.speaker, code.content, rate, code.speaker.z)


def _cost(report: Report, vv: VoiceVAE, clips: Sequence[Clip], memory: bool, step: Step) -> None:
    speech = np.concatenate([clip.load(vv.sample_rate) for clip in draw_clips(clips, 6, 0)])
    reference = clips[0].load(vv.sample_rate)
    found = cost.evaluate(vv, speech, reference)
    report.add("speed", found, rows.speed(found))
    step()
    if memory:
        report.add("memory", *_memory(vv, speech, reference))
    step()


def _memory(vv: VoiceVAE, speech: np.ndarray, reference: np.ndarray) -> tuple[dict[str, float] | None, list[rows.Row]]:
    figure, bundle = "peak memory, 30 minutes over 10 s", getattr(vv, "path", None)
    if bundle is None:
        return None, rows.absent(figure, "the voice does not come from a bundle's folder")
    try:
        found = cost.evaluate_memory(speech, reference, vv.sample_rate, None if bundle == DEFAULT else bundle)
    except RuntimeError as error:
        return None, rows.absent(figure, f"`voicevae convert` failed: {error}")
    return found, rows.memory(found)


def _about(
    vv: VoiceVAE,
    corpus: Path,
    split: str,
    quick: bool,
    seed: int,
    clips: Sequence[Clip],
    pairs: dict[str, list[Pair]],
) -> dict[str, Any]:
    sizes = {name: f"{len(own)} clips of {len(by_speaker(own))} speakers" for name, own in by_corpus(clips).items()}
    return {
        "bundle": str(getattr(vv, "checksum", "")),
        "corpus": corpus.resolve().name,
        "split": split,
        "clips": sizes,
        "pairs": {name: len(own) for name, own in pairs.items()},
        "seed": seed,
        "quick": quick,
        "packages": package_versions(),
    }
