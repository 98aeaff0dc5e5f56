"""Run the stages of a training, from a folder of recordings to a bundle and its figures.

The recordings lie as <speaker>/<utterance>.<ext> or <corpus>/<speaker>/<utterance>.<ext>.

Stages: 1 prepare, 2 train_vae, 3 train_vocoder, 4 bundle, 5 evaluate; and, only if --stop-stage says so, 6 protocol:
the published evaluation of the layouts librispeech and vcc2020. A bundle of 20 training recordings or more is
calibrated, which sample, search, style, score and traverse need.

Run it again after an interruption: each stage goes on where it stopped, and what is done is skipped. A changed
configuration runs the stages again; to begin one anew, delete its folder.

Examples:
  python -m voicevae.recipes.run --corpus ~/recordings --exp exp/mine
  python -m voicevae.recipes.run --corpus ~/recordings --exp exp/mine --stop-stage 1    # only look at what can be used
  python -m voicevae.recipes.run --corpus ~/recordings --exp exp/mine --minutes 60
  python -m voicevae.recipes.run --exp exp/mine --stage 4                # a bundle from the last checkpoints
"""

import argparse
import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from voicevae.errors import CorpusError, EditError, InputError, MissingPackageError
from voicevae.recipes import command

STAGES = {  # what each leaves in the experiment's folder
    "prepare": "data/report.json",
    "train_vae": "vae/last.ckpt",
    "train_vocoder": "vocoder/last.ckpt",
    "bundle": "bundle/config.json",
    "evaluate": "report/report.json",
    "protocol": "protocol/report.json",
}
MINUTES = {"train_vae": 2 / 3, "train_vocoder": 1 / 3}  # shares; the vocoder speaks before it is trained
PROTOCOLS = ("librispeech", "vcc2020")  # layouts with a published evaluation
NEEDED = ("lhotse", "lightning")


def main(argv: Sequence[str] | None = None) -> None:
    """Parse and check the words of the command line, and run the stages."""
    parser = command.Parser(__doc__)
    parser.add_argument(
        "--corpus", type=Path, help="recordings as <speaker>/<utterance>.<ext> or <corpus>/<speaker>/..."
    )
    parser.add_argument(
        "--layout", default="folder", help="how they lie, if as a published corpus is unpacked: vctk, ..."
    )
    parser.add_argument("--exp", type=Path, required=True, help="gets data/, vae/, vocoder/, bundle/, report/")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--stage", type=int, default=1, metavar="N", help="first stage to run (default 1)")
    parser.add_argument("--stop-stage", type=int, default=5, metavar="N", help="last stage to run (default 5)")
    parser.add_argument("--devices", type=int, default=1, metavar="N", help="GPUs, or processes on CPUs (default 1)")
    parser.add_argument(
        "--minutes", type=command.minutes, metavar="M", help="train so long in all: the VAE for two thirds of it"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="processes that prepare")
    parser.add_argument("--recogniser", default="base", help="Whisper of stage 6: a model or a folder (default base)")
    parser.add_argument("--quick", action="store_true", help="evaluate on fewer clips and 20 conversions")
    args = parser.parse_args(argv)
    command.run(lambda: run(args))


def run(args: argparse.Namespace) -> None:
    """Run the stages from `args.stage` to `args.stop_stage`; prints a heading for each.

    Raises:
        VoiceVAEError: an option cannot be used, before anything is done; or a stage failed on a user's input.
    """
    _check(args)
    for number in range(args.stage, args.stop_stage + 1):
        _stage(args, number)


def _check(args: argparse.Namespace) -> None:
    for number in (args.stage, args.stop_stage):
        if not 1 <= number <= len(STAGES):
            raise EditError(f"{number} is no stage; give a number from 1 to {len(STAGES)}, see --help.")
    if args.devices < 1:
        raise EditError(f"--devices {args.devices} is no number of devices; give 1 or more.")
    if args.config is not None and not args.config.is_file():
        raise InputError(f"There is no configuration {args.config}; give a YAML file.")
    if args.stop_stage == len(STAGES) and args.layout not in PROTOCOLS:
        raise EditError(f"The layout {args.layout} has no published protocol; stop at stage 5.")
    if args.stage == 1 and args.corpus is None:
        raise CorpusError("--corpus is missing: name the folder of recordings; see --help.")
    if args.stage == 1 and not args.corpus.is_dir():
        raise CorpusError(f"{args.corpus} is not a folder; give one laid out as <speaker>/<utterance>.<ext>.")
    if missing := [name for name in NEEDED if not find_spec(name)]:
        raise MissingPackageError(
            f'Training needs {", ".join(missing)}; pip install "voicevae[train,eval]" brings them.'
        )


def _stage(args: argparse.Namespace, number: int) -> None:
    """Run a stage, unless its mark says that it was done with these inputs and its product is still there.

    Preparing runs each time: it looks for new recordings, and its own journal makes that quick.
    """
    name, marks = list(STAGES)[number - 1], args.exp / ".done"
    mark = marks / name
    if name != "prepare":
        done = mark.is_file() and mark.read_text() == _inputs(args)
        if done and (args.exp / STAGES[name]).exists():
            print(f"== {name}: done before", flush=True)
            return
    print(f"== {name}", flush=True)
    marks.mkdir(parents=True, exist_ok=True)
    if name != "prepare":
        for later in list(STAGES)[number:]:
            (marks / later).unlink(missing_ok=True)
    _call(args, name)
    mark.write_text(_inputs(args))


def _inputs(args: argparse.Namespace) -> str:
    """A checksum of what the stages after the first work on: the configuration, the minutes and the manifests."""
    found = hashlib.sha256(args.config.read_bytes() if args.config else b"")
    found.update(f"{args.minutes}".encode())
    for path in sorted((args.exp / "data").glob("cuts_*.jsonl.gz")):
        with gzip.open(path) as file:  # unpacked, since the packed file holds the time at which it was made
            while part := file.read(2**20):
                found.update(part)
    return found.hexdigest()


def _call(args: argparse.Namespace, name: str) -> None:
    exp = ["--exp", str(args.exp)]
    config = ["--config", str(args.config)] if args.config else []
    bundle = ["--out", str(args.exp / "bundle"), *config]
    if name == "prepare":
        words = ["--corpus", str(args.corpus), "--layout", args.layout, "--workers", str(args.workers)]
        _main("prepare", exp + config + words)
    elif name.startswith("train_"):
        words = [*exp, *config, "--resume", "--devices", str(args.devices)]
        if args.minutes:
            words += ["--minutes", str(args.minutes * MINUTES[name])]
        _main(name, words, alone=args.devices > 1)
    elif name == "bundle":
        _main("bundle", exp + bundle)
        _calibrate(exp)
    elif name == "evaluate":
        _main("evaluate", exp + (["--quick", "--pairs", "20"] if args.quick else []))
        _main("bundle", exp + bundle)  # its card shows the figures
    else:
        words = ["--protocol", args.layout, "--recogniser", args.recogniser]
        _main("evaluate", exp + words + (["--quick"] if args.quick else []))


def _calibrate(exp: list[str]) -> None:
    """Calibrate the bundle; where recordings are too few, say so and go on."""
    try:
        _main("calibrate", exp)
    except SystemExit as refused:
        if refused.code != 2:
            raise
        print("So the bundle cannot sample, search, style, score or traverse, but do all else.", file=sys.stderr)


def _main(name: str, words: list[str], alone: bool = False) -> None:
    """Call a recipe; `alone` in a process of its own, which training on several devices starts again for each."""
    module = f"voicevae.recipes.{name}"
    if not alone:
        import_module(module).main(words)
    elif status := subprocess.run([sys.executable, "-m", module, *words]).returncode:
        sys.exit(status)


if __name__ == "__main__":
    main()
