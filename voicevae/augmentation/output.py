"""Files of a run beside its sounds: a lhotse manifest, a metadata.csv for a folder, and a report."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lhotse import MonoCut

from voicevae.augmentation.plan import DRAWN, AugmentationPlan
from voicevae.augmentation.record import CopyRecord
from voicevae.augmentation.sources import Source
from voicevae.data.folder import METADATA, Skipped
from voicevae.data.manifests import write_cuts

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

CUTS, REPORT = "cuts.jsonl.gz", "report.json"
LABELS = ("text", "language", "gender")
COLUMNS = (
    *("utt_id", "corpus", "speaker", "path", "split", "duration_s", *LABELS, "style", "note"),
    *("source_utt_id", "voice_seed", *DRAWN),
)


@dataclass(frozen=True)
class AugmentationReport:
    """Result of a run: `copies` of `recordings`, `kept` recordings of which were finished before; hours of both; and
    the skipped files."""

    recordings: int
    kept: int
    copies: int
    source_hours: float
    hours: float
    skipped: list[Skipped]

    def __str__(self) -> str:
        lines = [
            f"{self.copies} copies of {self.recordings} recordings: {self.hours:.2f} h beside "
            f"{self.source_hours:.2f} h; {self.kept} recordings were done before."
        ]
        if self.skipped:
            kinds = Counter(one.kind for one in self.skipped).most_common()
            lines.append(f"{len(self.skipped)} files skipped: {', '.join(f'{n} {kind}' for kind, n in kinds)}.")
            lines += [f"  {one.path}: {one.reason}" for one in self.skipped]
        return "\n".join(lines)


def write(
    folder: Path, source: Source, made: Mapping[str, CopyRecord], plan: AugmentationPlan, vv: "VoiceVAE"
) -> AugmentationReport:
    """Manifests, each aside first; in the order of the corpus, whoever came first."""
    cuts = [(split, MonoCut.from_dict(row)) for split, row in _rows(source, made)]
    write_cuts((cut for _, cut in cuts), folder / CUTS)
    if source.is_folder:
        with _aside(folder / METADATA) as path, open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(_line(split, cut, folder) for split, cut in cuts)
    report = _report(source, made, [cut for _, cut in cuts])
    about = {"plan": asdict(plan), "bundle": vv.checksum, **asdict(report)}
    with _aside(folder / REPORT) as path:
        path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def _rows(source: Source, made: Mapping[str, CopyRecord]) -> Iterator[tuple[str, dict[str, Any]]]:
    for split, cuts in source.cuts.items():
        yield from ((split, row) for cut in cuts for row in made[cut.id].cuts)


def _report(source: Source, made: Mapping[str, CopyRecord], cuts: Iterable[MonoCut]) -> AugmentationReport:
    used = [cut for part in source.cuts.values() for cut in part if made[cut.id].cuts]
    hours = [cut.duration / 3600 for cut in cuts]
    skipped = source.skipped + [one.skipped for one in made.values() if one.skipped]
    kept = sum(made[cut.id].kept for cut in used)
    return AugmentationReport(
        len(used), kept, len(hours), sum(cut.duration for cut in used) / 3600, sum(hours), skipped
    )


def _line(split: str, cut: MonoCut, folder: Path) -> dict[str, Any]:
    said, done = cut.supervisions[0], cut.augmented
    path = Path(cut.recording.sources[0].source)
    corpus, _, speaker = said.speaker.rpartition("/")
    custom = said.custom or {}
    return {
        "utt_id": path.stem,
        "corpus": corpus,
        "speaker": speaker,
        "path": path.relative_to(folder).as_posix(),
        "split": split,
        "duration_s": f"{cut.duration:.3f}",
        **{name: getattr(said, name) or "" for name in LABELS},
        **{name: custom.get(name, "") for name in ("style", "note")},
        "source_utt_id": done["source_cut"],
        **{name: done[name] for name in ("voice_seed", *DRAWN)},
    }


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A hidden name with the same extension, renamed at the end."""
    aside = path.with_name(f".{path.name}")
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
