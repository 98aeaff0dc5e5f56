"""`voicevae encode`: store speech as a code."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine
from voicevae.files import Progress

GROUP = "codes"
SUMMARY = "store speech as a code"
EXAMPLES = "  voicevae encode speech.wav -o speech.code.npz"


def add_options(parser: ArgumentParser) -> None:
    add_files(parser, "sound file", ".npz")
    add_machine(parser)


def run(args: Namespace) -> int:
    outputs = jobs.outputs(args, ".code.npz")
    vv = inputs.load(args)

    def work(source: Path, output: Path, progress: Progress) -> float:
        code = vv.encode(source, progress=progress)
        code.save(output)
        return code.duration_s

    return jobs.run(work, args.sources, outputs, [".npz"])
