"""Whole corpora: folders as input, worker processes, and what was done."""

import os
import time
from argparse import ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicevae.cli.shared.inputs import load
from voicevae.cli.shared.jobs import make_folder, say, say_failures, say_gain
from voicevae.cli.shared.options import whole
from voicevae.containers import left_out
from voicevae.errors import VoiceVAEError
from voicevae.names import shown

if TYPE_CHECKING:
    from voicevae.batch import BatchReport


def add_workers(parser: ArgumentParser) -> None:
    """--workers: processes."""
    group = parser.add_argument_group("whole corpora: folders as FILE; finished files are not done again")
    group.add_argument("--workers", type=whole(1, 1024), metavar="N", help="processes of one thread each (default 1)")
    add_scheduler(group)


def add_scheduler(parser: "ArgumentParser | _ArgumentGroup") -> None:
    """--scheduler: address of a Dask cluster."""
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, as tcp://10.0.0.1:8786")


def asked(args: Namespace) -> bool:
    """Whether a corpus is meant: a folder is among the sources, or workers are named."""
    return bool(args.workers or args.scheduler or any(map(os.path.isdir, args.sources)))


def convert(args: Namespace, voice: Path | list[Path] | None, edits: dict[str, Any]) -> int:
    """`voicevae.batch.convert`, and what it did; without a voice this is `modulate`."""
    from voicevae import batch

    return _run(args, partial(batch.convert, voice=voice, seed=args.seed, **edits))


def anonymize(args: Namespace) -> int:
    """`voicevae.anonymization.anonymize`, and what it did."""
    from voicevae import anonymization

    asked = {name: getattr(args, name) for name in ("per", "flatten", "gender", "residual")}
    return _run(args, partial(anonymization.anonymize, seed=args.secret, **asked))


def _run(args: Namespace, work: Callable[..., "BatchReport"]) -> int:
    """What `work` does with the sources, in words; returns the exit code."""
    if args.out_dir is None:
        given = next((f"the directory {path}" for path in args.sources if os.path.isdir(path)), "what workers do")
        raise VoiceVAEError(f"{args.output} cannot hold {given}; give a folder with --out-dir.")
    make_folder(args.out_dir)
    started = time.perf_counter()
    from voicevae import parallel  # which brings multiprocessing

    with parallel.cluster(args.scheduler) as executor:
        done = work(
            load(args),
            args.sources,
            args.out_dir,
            watermark=not args.no_watermark,
            workers=args.workers or 1,
            executor=executor,
        )
    for output, gain in done.gains.items():
        say_gain(output, gain)
    for sentence in done.warnings:
        say(f"voicevae: {sentence}")
    if done.left_out:
        say(f"voicevae: {left_out(done.left_out)}; convert them to WAV or FLAC.")
    say_failures(done.failures, done.made + done.kept + len(done.failures))
    kept = f", {done.kept} known from before" if done.kept else ""
    taken = time.perf_counter() - started
    print(f"{shown(args.out_dir)}: {done.made} files{kept}; {done.seconds:.2f} s of speech in {taken:.2f} s")
    return 2 if done.failures else 0
