"""Augmentation of a corpus, in parallel and resumable."""

import warnings
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tqdm import tqdm

from voicevae import parallel
from voicevae.augmentation import output, sources
from voicevae.augmentation.item import Item, copy_recording
from voicevae.augmentation.output import AugmentationReport
from voicevae.augmentation.plan import AugmentationPlan
from voicevae.augmentation.record import CopyRecord
from voicevae.data.folder import check_text
from voicevae.errors import CorpusError
from voicevae.shared_bundle import SharedBundle
from voicevae.voice import VoiceVAE


def augment(
    vv: VoiceVAE,
    corpus: Any,
    out_dir: str | Path,
    copies: int = 4,
    *,
    workers: int = 2,
    executor: Executor | None = None,
    **plan: Any,
) -> AugmentationReport:
    """Write `copies` copies of every recording to `out_dir`, with manifests.

    <out_dir>/<speaker>_voice<copy>/*.flac      the copies, at the bundle's sample rate
    <out_dir>/cuts.jsonl.gz                     lhotse cuts; `cut.augmented` says what was done
    <out_dir>/metadata.csv                      where the corpus is a folder: one it is, too
    <out_dir>/report.json                       what was drawn from, and which files were skipped, and why
    <out_dir>/.done/                            what is done; a second run skips it

    Args:
        corpus: see `voicevae.augmentation.sources.read`.
        workers: processes; 1 works in this one.
        executor: does the work instead, one recording a task (`copy_recording`).
        plan: what else `AugmentationPlan` holds: seed, pitch_semitones, pitch_range, rate, watermark.

    Raises:
        EditError: a range that cannot be. CorpusError: nothing that can be copied, or nowhere to write.
        BundleError: the bundle does not come from a folder, where worker processes could load it. WorkersError: worker
        processes were killed; a second run goes on.
    """
    drawn = AugmentationPlan(copies, **plan)
    bundle, source, folder = SharedBundle.of(vv), sources.read(corpus), _folder(out_dir, corpus)
    genders = tuple(sorted(set(vv.bundle.calibration.labels.get("voices", [])) - {""}))
    items = [Item(cut, drawn, str(folder), bundle, genders) for cuts in source.cuts.values() for cut in cuts]
    made: dict[str, CopyRecord] = {}
    with nullcontext(executor) if executor else parallel.workers(min(workers, len(items))) as used:
        done = parallel.run(copy_recording, items, used)
        for one in tqdm(done, "augment", total=len(items), unit="file", disable=None):
            made[one.id] = one
            for sentence in one.warnings:
                warnings.warn(sentence, stacklevel=2)
    report = output.write(folder, source, made, drawn, vv)
    if not report.copies:
        raise CorpusError(f"No recording could be copied; {folder / output.REPORT} says why for each.")
    return report


def _folder(out_dir: str | Path, corpus: Any) -> Path:
    folder = Path(out_dir).resolve()
    check_text(folder)
    if isinstance(corpus, str | Path) and Path(corpus).is_dir() and folder.is_relative_to(Path(corpus).resolve()):
        raise CorpusError(
            f"{out_dir} lies in the corpus {corpus}, whose copies would be copied; choose another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"{out_dir} cannot be made a folder ({error.strerror}); choose another.") from None
    return folder
