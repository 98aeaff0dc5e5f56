"""Corpora to copy: a folder of recordings, lhotse manifests, or cuts in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lhotse import CutSet, MonoCut, MultiCut, RecordingSet, SupervisionSet, load_manifest

from voicevae.data.folder import Skipped, read_corpus
from voicevae.errors import CorpusError

MANIFEST = "a cuts manifest, or one of recordings and one of supervisions"


@dataclass(frozen=True)
class Source:
    """Cuts by split ("" where a manifest says none), what cannot be used, and whether they came from a folder."""

    cuts: dict[str, list[MonoCut | MultiCut]]
    skipped: list[Skipped]
    is_folder: bool


def read(corpus: Any) -> Source:
    """Of a path of a folder or manifest (.jsonl, .jsonl.gz), a sequence of such paths, or a lhotse `CutSet`.

    Raises:
        CorpusError: there is no such thing, or nothing in it.
    """
    if isinstance(corpus, CutSet):
        return _usable({"": corpus}, [], False)
    paths = [Path(one) for one in ([corpus] if isinstance(corpus, str | Path) else corpus)]
    if len(paths) == 1 and paths[0].is_dir():
        found = read_corpus(paths[0])
        return _usable(found.cuts, found.skipped, True)
    return _usable({"": _cuts(paths)}, [], False)


def _cuts(paths: Sequence[Path]) -> CutSet:
    found: dict[type, Any] = {}
    for path in paths:
        manifest = _manifest(path)
        if type(manifest) in found:
            raise CorpusError(f"{path} is a second {type(manifest).__name__}; give {MANIFEST}.")
        found[type(manifest)] = manifest
    if set(found) == {CutSet}:
        return found[CutSet]
    if set(found) == {RecordingSet, SupervisionSet}:
        return CutSet.from_manifests(found[RecordingSet], found[SupervisionSet])
    given = ", ".join(cls.__name__ for cls in found) or "nothing"
    raise CorpusError(f"{given} is no corpus; give a folder, {MANIFEST}.")


def _manifest(path: Path) -> Any:
    if not path.exists():
        raise CorpusError(f"{path} does not exist; give a folder of recordings or a lhotse manifest.")
    try:
        return load_manifest(path)
    except Exception as error:  # lhotse raises what its readers raise
        reason = str(error).split("\n")[0].rstrip(".")
        raise CorpusError(f"{path} is not a lhotse manifest ({reason}); give {MANIFEST}.") from None


def _usable(cuts: dict[str, CutSet], skipped: list[Skipped], is_folder: bool) -> Source:
    """Leaves out cuts that are no single voice's recording, and names that were there before."""
    kept: dict[str, list[MonoCut | MultiCut]] = {}
    skipped, names = list(skipped), set[str]()
    for split, part in cuts.items():
        kept[split] = []
        for cut in part:
            if fault := _fault(cut, names):
                skipped.append(Skipped(str(cut.id), *fault))
            else:
                names.add(cut.id)
                kept[split].append(cut)
    if not any(kept.values()):
        raise CorpusError("The corpus holds no recording that can be copied; give one voice a cut.")
    return Source(kept, skipped, is_folder)


def _fault(cut: Any, names: Iterable[str]) -> tuple[str, str] | None:
    if cut.id in names:
        return "duplicate", "A cut before it has the same id; rename one."
    if not isinstance(cut, MonoCut | MultiCut) or not cut.has_recording:
        return "not a recording", "It is no plain cut of a recording; give cuts with recordings."
    if len({s.speaker for s in cut.supervisions}) > 1:
        return (
            "several speakers",
            "A copy has one voice; cut it to its supervisions (`lhotse cut trim-to-supervisions`).",
        )
    return None
