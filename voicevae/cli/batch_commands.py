"""Commands on whole corpora: call `voicevae.batch`, and say what was done."""

import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from voicevae import parallel
from voicevae.cli.files import make_folder
from voicevae.cli.inputs import load
from voicevae.edits import RANGES
from voicevae.errors import VoiceVAEError


def asked(args: Namespace) -> bool:
    """Whether a corpus is meant: a folder is among the sources, or workers are named."""
    return bool(args.workers or args.scheduler or any(path.is_dir() for path in args.sources))


def convert(args: Namespace, voice: Path | None) -> int:
    """Also `modulate`, where there is no voice."""
    from voicevae import batch

    if args.out_dir is None:
        given = next((f"the directory {path}" for path in args.sources if path.is_dir()), "what workers do")
        raise VoiceVAEError(f"{args.output} cannot hold {given}; give a folder with --out-dir.")
    make_folder(args.out_dir)
    started, edits = time.perf_counter(), {n: value for n in RANGES if (value := getattr(args, n)) is not None}
    how: dict[str, Any] = {
        "voice": voice,
        "seed": args.seed,
        "watermark": not args.no_watermark,
        "workers": args.workers or 1,
    }
    with parallel.cluster(args.scheduler) as executor:
        done = batch.convert(load(args), args.sources, args.out_dir, executor=executor, **how, **edits)
    if done.failures:
        print(f"voicevae: {len(done.failures)} files failed:", *done.failures, sep="\n  ", file=sys.stderr)
    kept = f", {done.kept} known from before" if done.kept else ""
    taken = time.perf_counter() - started
    print(f"{args.out_dir}: {done.made} files{kept}; {done.seconds:.2f} s of speech in {taken:.2f} s")
    return 2 if done.failures else 0
