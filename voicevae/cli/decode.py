"""`voicevae decode`: make speech from a code."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_seed, add_watermark
from voicevae.files import Progress, Written

GROUP = "codes"
SUMMARY = "make speech from a code"
EXAMPLES = "  voicevae decode speech.code.npz -o again.wav"


def add_options(parser: ArgumentParser) -> None:
    add_files(parser, "code file", ".wav")
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    outputs = jobs.outputs(args, ".wav")
    vv, writing = inputs.load(args), jobs.writing(args)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        return vv.decode_file(source, output, progress=progress, **writing)

    return jobs.write_sounds(work, args, outputs)
