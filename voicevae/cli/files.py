"""From input files to output files: what goes where, one after another, with progress; one bad file stops no other."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from voicevae import audio, provenance
from voicevae.errors import VoiceVAEError
from voicevae.units import amplitude_db

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

PATIENCE_S = 2.0  # work that takes longer shows a bar
Work = Callable[[Path, Path], float]


def targets(sources: Sequence[Path], output: Path | None, out_dir: Path | None, extension: str) -> list[Path]:
    """The file to write for each of `sources`: `output` itself, or `out_dir / (name + extension)`.

    Raises:
        VoiceVAEError: many files and one output, or two files for one output, or no such folder can be made.
    """
    if output is not None:
        if len(sources) > 1:
            raise VoiceVAEError(f"{output} cannot hold {len(sources)} files; give a folder with --out-dir.")
        return [output]
    assert out_dir is not None
    found: dict[Path, Path] = {}
    for source in sources:
        target = out_dir / (source.name.removesuffix(source.suffix).removesuffix(".code") + extension)
        if target in found:
            raise VoiceVAEError(f"{found[target]} and {source} would both become {target}; rename one of them.")
        found[target] = source
    make_folder(out_dir)
    return list(found)


def sounds(paths: Sequence[Path]) -> list[Path]:
    """The sound files among `paths` and, in alphabetical order, in the folders among them, at any depth.

    Raises:
        VoiceVAEError: a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in audio.FORMATS and not p.name.startswith("."))
        if not inside:
            raise VoiceVAEError(f"{path} holds no sound file; give a folder of {', '.join(audio.FORMATS)} files.")
        found += inside
    return found


def make_folder(path: Path) -> None:
    """Make the folder `path` and those above it where they are missing. Raises VoiceVAEError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VoiceVAEError(f"{path} cannot be made a folder ({error.strerror}); choose another.") from None


def run(
    work: Work, sources: Sequence[Path], outputs: Sequence[Path], extensions: Collection[str], keep: Sequence[Path] = ()
) -> int:
    """Do `work(source, output)`, which returns the seconds of speech done, for each; returns the exit code.

    Args:
        extensions: that an output may have.
        keep: more files that no output may replace; the sources are among them.
    """
    started, seconds, failures = time.perf_counter(), 0.0, []
    jobs = list(zip(sources, outputs, strict=True))
    for source, output in tqdm(jobs, unit="file", disable=True if len(jobs) == 1 else None):
        try:
            audio.check_output(output, extensions)
            check_kept(output, [*sources, *keep])
            seconds += work(source, output)
        except VoiceVAEError as error:
            if len(jobs) == 1:
                raise
            failures.append(str(error))
    taken = time.perf_counter() - started
    if failures:
        print(f"voicevae: {len(failures)} of {len(jobs)} files failed:", *failures, sep="\n  ", file=sys.stderr)
    done = str(outputs[0]) if len(jobs) == 1 else f"{len(jobs) - len(failures)} files"
    print(f"{done}: {seconds:.2f} s of speech in {taken:.2f} s")
    return 2 if failures else 0


def say(sentence: str) -> None:
    """A line on stderr, between bars."""
    tqdm.write(sentence, file=sys.stderr)


def say_line(sentence: str) -> None:
    """A line on stdout, between bars."""
    tqdm.write(sentence, file=sys.stdout)


def write_speech(args: Namespace, output: Path, blocks: Iterable[np.ndarray], vv: "VoiceVAE", edits: str) -> None:
    """Write a wave that `vv` made, with what was done to it in words, and, unless told not to, the watermark."""
    origin = provenance.made(vv.checksum, edits)
    say_gain(output, provenance.write(output, blocks, vv.sample_rate, origin, watermark=not args.no_watermark))


def say_gain(output: Path, gain: float) -> None:
    """That a sound had to be scaled, if it had."""
    if gain < 1:
        say(f"{output} would have clipped: scaled by {amplitude_db(gain):.1f} dB")


class ProgressBar(tqdm):
    """A bar for one file whose work has `parts`, each of which reports shares that sum to 1."""

    def __init__(self, path: Path, parts: int) -> None:
        shape = "{desc}: {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
        super().__init__(total=parts, desc=path.name, delay=PATIENCE_S, leave=False, disable=None, bar_format=shape)

    def update(self, n: float | None = 1) -> bool | None:
        return super().update(min(n or 0, self.total - self.n))  # a sum of shares is rounded


def check_kept(output: Path, kept: Sequence[Path]) -> None:
    """Raise VoiceVAEError if `output` is one of `kept`."""
    for path in kept:
        if output.exists() and path.exists() and output.samefile(path):
            raise VoiceVAEError(f"{output} is an input; choose another output, so that it is not overwritten.")
