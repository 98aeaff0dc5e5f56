"""From input files to output files: what goes where, one after another, with progress; one bad file stops no other."""

import sys
import time
import warnings
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypedDict

from voicevae import audio
from voicevae.aside import make_folder
from voicevae.errors import OutputError, VoiceVAEError
from voicevae.files import Progress, Written, check_not_input
from voicevae.names import fitted, shown
from voicevae.units import amplitude_db

PATIENCE_S = 2.0  # work that takes longer shows a bar
Work = Callable[[Path, Path, Progress], float]
"""f(source, output, progress) -> seconds of speech."""


def outputs(args: Namespace, extension: str) -> list[Path]:
    """The output file for each of `args.sources`: `args.output` itself, or one of the same name in `args.out_dir`.

    Raises:
        OutputError: many files and one output, or two files for one output, or no such folder can be made.
    """
    if args.output is not None:
        if len(args.sources) > 1:
            raise OutputError(f"{args.output} cannot hold {len(args.sources)} files; give a folder with --out-dir.")
        return [args.output]
    return in_folder(args.sources, args.out_dir, extension)


def in_folder(sources: Sequence[Path], folder: Path, extension: str) -> list[Path]:
    """`folder / (name + extension)` for each of `sources`; the folder is made. Raises OutputError as `outputs`."""
    found: dict[Path, Path] = {}
    for source in sources:
        target = folder / fitted(source.name.removesuffix(source.suffix).removesuffix(".code"), extension)
        if target in found:
            raise OutputError(f"{found[target]} and {source} would both become {target}; rename one of them.")
        found[target] = source
    make_folder(folder)
    return list(found)


def write_sounds(
    work: Callable[[Path, Path, Progress], Written],
    args: Namespace,
    outputs: Sequence[Path],
    keep: Sequence[Path | None] = (),
) -> int:
    """`run` where `work` writes a sound file, and print the gain where it was scaled."""

    def one(source: Path, output: Path, progress: Progress) -> float:
        return said(work(source, output, progress)).duration_s

    return run(one, args.sources, outputs, audio.FORMATS, keep)


def run(
    work: Work,
    sources: Sequence[Path],
    outputs: Sequence[Path],
    extensions: Collection[str],
    keep: Sequence[Path | None] = (),
) -> int:
    """Do `work` for each of `sources`, and print the results; returns the exit code.

    Args:
        extensions: that an output may have.
        keep: more files that no output may replace; the sources are among them.
    """
    started, seconds, failures = time.perf_counter(), 0.0, []
    jobs = list(zip(sources, outputs, strict=True))
    for source, output in _counted(jobs):
        try:
            audio.check_output(output, extensions)
            check_not_input(output, [*sources, *keep])
            with ProgressBar(source) as bar, _naming(source if len(jobs) > 1 else None):
                seconds += work(source, output, bar.update)
        except VoiceVAEError as error:
            if len(jobs) == 1:
                raise
            failures.append(str(error))
    taken = time.perf_counter() - started
    say_failures(failures, len(jobs))
    done = shown(outputs[0]) if len(jobs) == 1 else f"{len(jobs) - len(failures)} files"
    print(f"{done}: {seconds:.2f} s of speech in {taken:.2f} s")
    return 2 if failures else 0


def _counted(jobs: Sequence[tuple[Path, Path]]) -> Iterable[tuple[Path, Path]]:
    """`jobs` with a bar, if they are many."""
    if len(jobs) == 1:
        return jobs
    from tqdm import tqdm

    return tqdm(jobs, unit="file", disable=None)


@contextmanager
def _naming(source: Path | None) -> Iterator[None]:
    """A warning of ours about one of several files begins with its name."""
    before = warnings.showwarning

    def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        named = f"{shown(source)}: {message}" if source is not None and category is UserWarning else message
        before(named, category, *place, **more)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before


class Marked(TypedDict):
    """Of `voicevae.files.Writing`, what options say."""

    seed: int
    watermark: bool


def writing(args: Namespace) -> Marked:
    """Arguments of writing from the options --seed and --no-watermark."""
    return {"seed": args.seed, "watermark": not args.no_watermark}


def said(written: Written) -> Written:
    """Print what was written, and the gain where it was scaled."""
    say_gain(written.path, written.gain)
    return written


def say_failures(sentences: Sequence[str], n_files: int) -> None:
    """The sentences of the files that could not be used."""
    if sentences:
        print(f"voicevae: {len(sentences)} of {n_files} files failed:", *sentences, sep="\n  ", file=sys.stderr)


def say_gain(path: Path, gain: float) -> None:
    """Say that a written sound was scaled, if `gain` is below 1."""
    if gain < 1:
        say(f"{shown(path)} would have clipped: scaled by {amplitude_db(gain):.1f} dB")


def say(sentence: str) -> None:
    """A line on stderr, between bars."""
    _write(sentence, sys.stderr)


def say_line(sentence: str) -> None:
    """A line on stdout, between bars."""
    _write(sentence, sys.stdout)


def _write(sentence: str, stream: TextIO) -> None:
    bars = sys.modules.get("tqdm")
    if bars is None:  # there is none
        print(sentence, file=stream)
    else:
        bars.tqdm.write(sentence, file=stream)


class ProgressBar:
    """A bar for one file, or for `parts`, whose work reports shares that sum to 1 for each.

    It shows after `PATIENCE_S`; only then is tqdm imported, which takes as long as much of the work here.
    """

    def __init__(self, path: Path, parts: int = 1) -> None:
        self.name, self.parts, self.done = path.name, parts, 0.0
        self._started, self._bar = time.monotonic(), None

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, share: float) -> None:
        """So much more is done."""
        before, self.done = self.done, min(self.done + share, self.parts)  # a sum of shares is rounded
        if self._bar is not None:
            self._bar.update(self.done - before)
        elif time.monotonic() - self._started > PATIENCE_S:
            self._bar = self._shown()

    def _shown(self) -> Any:
        from tqdm import tqdm

        shape = "{desc}: {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
        bar = tqdm(total=self.parts, desc=self.name, leave=False, disable=None, bar_format=shape)
        if not bar.disable:
            bar.start_t -= PATIENCE_S
            bar.update(self.done)
        return bar
