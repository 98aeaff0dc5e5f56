"""Corpus to prepared data: features on disk, manifests that point at them, and a report.

<exp>/data/frames/               one .npy an utterance, [T, n_channels + 3] float32
<exp>/data/cuts_<split>.jsonl.gz
<exp>/data/report.json           feature configuration, size of each split, skipped files with reasons, a checksum
<exp>/data/done.jsonl            see `voicevae.data.extraction`
"""

import hashlib
import json
import os
from collections import Counter
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lhotse import CutSet, MonoCut
from lhotse.array import Array, TemporalArray

from voicevae.data.corpora import FOLDER, read
from voicevae.data.extraction import Done, extract_all, job
from voicevae.data.folder import Skipped, check_text
from voicevae.data.manifests import write_cuts
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig


@dataclass(frozen=True)
class Totals:
    """Size of a split."""

    utterances: int
    hours: float
    speakers: int


@dataclass(frozen=True)
class PreparationReport:
    """What was prepared, and what was left out; `extracted` now, `kept` from before.

    checksum: changes with the training recordings, their labels and the features.
    """

    features: FeatureConfig
    splits: dict[str, Totals]
    extracted: int
    kept: int
    skipped: list[Skipped]
    checksum: str

    def __str__(self) -> str:
        lines = [
            f"{name}: {t.utterances} utterances, {t.hours:.2f} hours, {t.speakers} speakers."
            for name, t in self.splits.items()
        ]
        lines.append(f"{self.extracted} files read, {self.kept} known from before.")
        if self.skipped:
            kinds = ", ".join(f"{n} {kind}" for kind, n in self.kinds().items())
            lines.append(f"{len(self.skipped)} files skipped: {kinds}.")
        return "\n".join(lines)

    def kinds(self) -> dict[str, int]:
        """Skipped files by kind, the most frequent first."""
        return dict(Counter(s.kind for s in self.skipped).most_common())


def prepare(
    corpus: Path,
    exp: Path,
    config: FeatureConfig,
    workers: int = 2,
    seed: int = 0,
    layout: str = FOLDER,
    executor: Executor | None = None,
) -> PreparationReport:
    """Extract missing features; write manifests and the report to `exp / "data"`.

    Args:
        corpus: a folder of recordings.
        workers: processes; 1 works in this one.
        seed: of the held-out speakers, where the corpus has no split.
        layout: of the recordings, one of `voicevae.data.corpora.LAYOUTS`.
        executor: does the work instead of processes, if given; see `voicevae.parallel`.
    """
    data = exp.resolve() / "data"
    check_text(data)
    manifests = read(corpus, layout, seed)
    jobs = [job(cut.id, _source(cut), config) for cuts in manifests.cuts.values() for cut in cuts]
    done, extracted = extract_all(jobs, data, config, workers, executor)
    cuts = {split: _with_frames(cuts, done, data / "frames", config) for split, cuts in manifests.cuts.items()}
    if not len(cuts["train"]):
        raise CorpusError(f"No recording of {corpus} can be trained on; {data / 'done.jsonl'} says why for each.")
    skipped = manifests.skipped + [d.skipped for d in done.values() if d.skipped]
    splits = {split: _totals(part) for split, part in cuts.items()}
    report = PreparationReport(
        config, splits, extracted, len(jobs) - extracted, skipped, _checksum(cuts["train"], done)
    )
    _write(cuts, report, data)
    return report


def load_cuts(data: Path, split: str) -> CutSet:
    """The prepared cuts of a split, from the folder `<exp>/data`."""
    path = data / f"cuts_{split}.jsonl.gz"
    if not path.exists():
        raise CorpusError(f"{path} does not exist; prepare the corpus first.")
    return CutSet.from_file(path).to_eager()


def read_report(data: Path) -> dict[str, Any]:
    """The content of report.json in the folder `<exp>/data`."""
    path = data / "report.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); prepare the corpus first.") from None


def load_frames(cut: MonoCut) -> np.ndarray:
    """All frames `[T, n_channels + 3]` of a prepared cut; lhotse's `cut.load_frames()` may leave out the last one."""
    return cut.frames.load()


def _source(cut: MonoCut) -> str:
    return cut.recording.sources[0].source


def _with_frames(cuts: CutSet, done: dict[str, Done], frames: Path, config: FeatureConfig) -> CutSet:
    return CutSet.from_cuts(
        cut.with_custom("frames", _manifest(done[cut.id], frames, config))
        for cut in cuts
        if done[cut.id].skipped is None
    ).to_eager()


def _manifest(done: Done, frames: Path, config: FeatureConfig) -> TemporalArray:
    array = Array("numpy_files", str(frames), done.key, list(done.shape))
    return TemporalArray(array, temporal_dim=0, frame_shift=1 / config.frame_rate, start=0)


def _checksum(cuts: CutSet, done: dict[str, Done]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for cut in sorted(cuts, key=lambda cut: cut.id):
        said = [cut.id, done[cut.id].stamp, [label.to_dict() for label in cut.supervisions]]
        digest.update(json.dumps(said, sort_keys=True).encode())
    return digest.hexdigest()


def _totals(cuts: CutSet) -> Totals:
    speakers = {cut.supervisions[0].speaker for cut in cuts}
    return Totals(len(cuts), sum(cut.duration for cut in cuts) / 3600, len(speakers))


def _write(cuts: dict[str, CutSet], report: PreparationReport, data: Path) -> None:
    """Write every file under a hidden name, then rename it; splits of an earlier run are removed."""
    stale = set(data.glob("cuts_*.jsonl.gz"))
    for split, part in cuts.items():
        path = data / f"cuts_{split}.jsonl.gz"
        write_cuts(part, path)
        stale.discard(path)
    for path in stale:
        path.unlink()
    aside = data / ".report.json"
    text = json.dumps({**asdict(report), "skipped_by_kind": report.kinds()}, indent=1, ensure_ascii=False)
    aside.write_text(text + "\n", encoding="utf-8")
    os.replace(aside, data / "report.json")
