"""Which files a run over a corpus reads, and what it writes for each."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicevae import containers
from voicevae.errors import AudioError
from voicevae.journal import stamp
from voicevae.names import fitted, shown


@dataclass(frozen=True)
class Task:
    """One file: `stamp` changes with it and with all that decides what is made of it."""

    id: str
    source: Path
    stamp: str
    output: Path | None = None


@dataclass(frozen=True)
class Planned:
    """Sounds to write into `folder`; a sentence for each source that is not there; and files of other sounds."""

    folder: Path
    tasks: list[Task]
    missing: list[str]
    left_out: list[Path]


def plan(sources: Sequence[str | Path], out_dir: str | Path, **made: Any) -> Planned:
    """A .wav in `out_dir` for each recording of `sources`, whose folders keep their order within.

    Args:
        made: all that decides what is made of a recording, for the stamps.

    Raises:
        AudioError: as `convert` does.
    """
    (named, left_out), folder = files(sources), Path(out_dir).resolve()
    found, missing = existing(named)
    if missing and not found:
        raise AudioError(missing[0])
    for source in map(Path, sources):
        if os.path.isdir(source) and folder.is_relative_to(source.resolve()):
            raise AudioError(f"{out_dir} lies in {source}, whose files it would be among; choose another folder.")
    tasks = [
        Task(str(output.relative_to(folder)), path.resolve(), stamp(path.resolve(), **made), output)
        for path, output in _outputs(found, folder).items()
    ]
    return Planned(folder, tasks, missing, left_out)


def files(sources: Sequence[str | Path]) -> tuple[dict[Path, Path], list[Path]]:
    """Sound files, in the order of `sources` and within folders of the alphabet, and each one's place in its folder;
    and files of other sounds in the folders, which cannot be read."""
    found: dict[Path, Path] = {}
    left_out: list[Path] = []
    for source in map(Path, sources):
        if not os.path.isdir(source):
            found[source] = Path(source.name)
            continue
        inside = containers.in_folder(source)
        found |= {path: path.relative_to(source) for path in inside.readable}
        left_out += inside.left_out
    return found, left_out


def existing(found: dict[Path, Path]) -> tuple[dict[Path, Path], list[str]]:
    """What is there of `found`, and a sentence for each other."""
    there = {path: place for path, place in found.items() if os.path.exists(path)}
    return there, [_missing(path) for path in found if path not in there]


def there(path: Path) -> Path:
    """`path`. Raises AudioError: it does not exist."""
    if not os.path.exists(path):
        raise AudioError(_missing(path))
    return path


def _missing(path: Path) -> str:
    return f"{shown(path)} does not exist; check the path."


def _outputs(found: dict[Path, Path], folder: Path) -> dict[Path, Path]:
    """The .wav in `folder` for each source."""
    inputs, taken = {path.resolve() for path in found}, dict[Path, Path]()
    for path, place in found.items():
        output = folder / place.parent / fitted(place.stem, ".wav")
        if output in taken:
            raise AudioError(f"{taken[output]} and {path} would both become {output}; rename one of them.")
        if output in inputs:
            raise AudioError(f"{output} is an input; choose another folder, so that it is not overwritten.")
        taken[output] = path
    return {path: output for output, path in taken.items()}
