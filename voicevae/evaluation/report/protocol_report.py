"""A published evaluation, done with a bundle: its figures beside those that the paper reports.

evaluate(voicevae.load(), "librispeech", Plan(Path("LibriSpeech"), recogniser="base"), Path("report"))
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from tqdm import tqdm

from voicevae.data.corpora import CORPORA
from voicevae.errors import CorpusError
from voicevae.evaluation.clips import Clip, read_splits
from voicevae.evaluation.document import Report, Row, absent, markdown, package_versions
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import protocols, trials
from voicevae.evaluation.report.protocols import Opinion, Published, Trial
from voicevae.evaluation.study import load_recogniser, speaker_encoder
from voicevae.voice import VoiceVAE

Splits = Mapping[str, Sequence[Clip]]
QUICK_TRIALS = 40  # of each task
TEST_CLEAN = "test-clean"
WHOLE = {f"LibriSpeech {TEST_CLEAN}": 7800, "VCC 2020, task 1": 400, "VCC 2020, task 2": 600}  # the papers' conversions
THEIRS = "base"


def evaluate(vv: VoiceVAE, protocol: str, plan: Plan, out_dir: Path | None = None) -> dict[str, Any]:
    """Do all conversions of `protocol`, print the table, and write report.json and report.md to `out_dir` if given.

    Args:
        protocol: one of `PROTOCOLS`.
        plan: its corpus, as it is unpacked or prepared; quick: 40 conversions of each task; recogniser; seed of these
            and of the bootstrap.

    Returns:
        What report.json holds.

    Raises:
        CorpusError: the corpus lacks what the protocol needs. VoiceVAEError: there is no such recogniser.
    """
    splits = _splits(plan.corpus, protocol)
    tasks, targets = PROTOCOLS[protocol](splits)
    each = {task: list(zip(own, protocols.genuine(own, targets), strict=True)) for task, own in tasks.items()}
    if plan.quick:
        each = {task: _drawn(own, plan.seed) for task, own in each.items()}
    recogniser = load_recogniser(plan)
    whisper = None if isinstance(recogniser, str) else recogniser
    absence = recogniser if isinstance(recogniser, str) else ""
    report = Report(_about(vv, protocol, plan, {task: len(own) for task, own in each.items()}), method=protocols.METHOD)
    doing = trials.Trials(vv, whisper, speaker_encoder())
    with tqdm(total=sum(map(len, each.values())), desc=protocol, unit="conversion") as bar:
        for task, own in each.items():
            done, failed = trials.do_all(doing, own, bar.update)
            report.skipped += failed
            if not done:
                raise CorpusError(f"No conversion of {task} could be done, as of {failed[0]}")
            found = trials.evaluate(done, plan.seed)
            report.add(task, found, rows(task, found, whisper.name if whisper else "", absence))
    theirs = protocols.LIBRISPEECH if protocol == "librispeech" else protocols.VCC2020
    report.add("published", [vars(one) for one in theirs], [row for one in theirs for row in published(one)])
    print(markdown(report.rows))
    if out_dir is not None:
        out_dir.mkdir(parents=True, exist_ok=True)
        report.write(out_dir)
    return report.content()


def rows(task: str, found: Mapping[str, Any], whisper: str, absence: str) -> list[Row]:
    """Rows of `trials.evaluate`, transcribed by the model `whisper`; `absence` says why there is none."""
    made = f"{found['conversions']} conversions, {found['targets']} targets"
    made += f", not all of the paper's {WHOLE[task]}" if found["conversions"] < WHOLE.get(task, 0) else ""
    other = "" if whisper == THEIRS else f"; the paper's recogniser is Whisper base, not {whisper}"
    why = absence or "no source has a text"
    figures = [
        (
            "WER",
            "wer",
            "%",
            "lower",
            f"sources {_shown(found['wer_source'])}; {found['transcribed']} transcribed{other}",
            why,
        ),
        ("CER", "cer", "%", "lower", f"sources {_shown(found['cer_source'])}{other}", why),
        (
            "EER, 50 % is perfect",
            "eer",
            "%",
            "higher",
            f"{made}; by Resemblyzer, the paper's by x-vectors",
            "resemblyzer is not installed",
        ),
    ]
    if found["mcd"] is not None:
        figures.append(("MCD", "mcd", "dB", "lower", "to the target's own reading", ""))
    return [
        Row(f"{task}: {name}", found[key], unit, found[f"{key}_interval"], beside=beside, better=better)
        if found[key] is not None
        else absent(f"{task}: {name}", reason)
        for name, key, unit, better, beside, reason in figures
    ]


def published(one: Published | Opinion) -> list[Row]:
    """Rows of what a paper reports of a system."""
    if isinstance(one, Opinion):
        source = "published by Tobing, Wu, Toda 2020, abstract, of the challenge's listening test"
        name = f"{one.system}, task {one.task}"
        return [
            Row(f"{name}: naturalness, 1 to 5", one.naturalness, beside=source, better="higher"),
            Row(f"{name}: similarity", one.similarity, "%", beside=f"{one.similarity}, {source}", better="higher"),
        ]
    source = "published by Baas, van Niekerk, Kamper 2023, section 4, by Whisper base and x-vectors"
    figures = (("WER", "wer", "lower"), ("CER", "cer", "lower"), ("EER, 50 % is perfect", "eer", "higher"))
    return [
        Row(f"{one.system}: {name}", getattr(one, key), "%", beside=f"{getattr(one, key)}, {source}", better=better)
        for name, key, better in figures
    ]


def _librispeech(splits: Splits) -> tuple[dict[str, list[Trial]], list[Clip]]:
    if TEST_CLEAN not in splits:
        raise CorpusError(
            f"There is no {TEST_CLEAN} in the corpus; unpack it beside the other parts, and prepare again."
        )
    clips = list(splits[TEST_CLEAN])
    return {f"LibriSpeech {TEST_CLEAN}": protocols.librispeech(clips)}, clips


def _vcc2020(splits: Splits) -> tuple[dict[str, list[Trial]], list[Clip]]:
    tasks = {f"VCC 2020, task {task}": protocols.vcc2020(splits, task) for task in protocols.TASKS}
    return tasks, list(splits["train"])


PROTOCOLS: dict[str, Callable[[Splits], tuple[dict[str, list[Trial]], list[Clip]]]] = {
    "librispeech": _librispeech,
    "vcc2020": _vcc2020,
}


def _splits(folder: Path, layout: str) -> Splits:
    """The recordings of a prepared experiment, or of the corpus as it is unpacked, where any part may be missing."""
    if any((folder / "data").glob("cuts_*.jsonl.gz")):
        return read_splits(folder)
    splits: dict[str, list[Clip]] = defaultdict(list)
    for one in CORPORA[layout](folder.resolve())[0]:
        with suppress(sf.SoundFileError):  # damaged ones are left out
            seconds = sf.info(one.path).duration
            clip = Clip(one.id, one.speaker, one.path, seconds, text=one.text, language=one.language)
            splits[one.split].append(clip)
    return splits


def _drawn(own: list[tuple[Trial, tuple[Clip, Clip]]], seed: int) -> list[tuple[Trial, tuple[Clip, Clip]]]:
    return [own[i] for i in sorted(np.random.default_rng(seed).permutation(len(own))[:QUICK_TRIALS])]


def _about(vv: VoiceVAE, protocol: str, plan: Plan, conversions: dict[str, int]) -> dict[str, Any]:
    return {
        "bundle": str(getattr(vv, "checksum", "")),
        "protocol": protocol,
        "corpus": plan.corpus.resolve().name,
        "conversions": conversions,
        "recogniser": plan.recogniser,
        "seed": plan.seed,
        "quick": plan.quick,
        "packages": package_versions(),
    }


def _shown(value: float | None) -> str:
    return "not transcribed" if value is None else f"{value:.1f} %"
