"""`voicevae plot`: draw mel, F0, voicing, loudness and latents over time."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae import audio
from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine
from voicevae.files import Progress

GROUP = "analysis"
SUMMARY = "draw mel, F0, voicing, loudness and latents over time"
EXAMPLES = "  voicevae plot speech.wav -o speech.png"


def add_options(parser: ArgumentParser) -> None:
    add_files(parser, "sound file", ".png")
    add_machine(parser)


def run(args: Namespace) -> int:
    from voicevae import plots
    from voicevae.features import extract

    outputs = jobs.outputs(args, ".png")
    vv = inputs.load(args)

    def work(source: Path, output: Path, progress: Progress) -> float:
        wave = audio.read(source, vv.sample_rate)
        frames = extract(wave, vv.config, progress)
        code = vv.coder.encode(frames, len(wave), residual=False)
        plots.recording(wave, frames, code, vv.config, output, source.name)
        return code.duration_s

    return jobs.run(work, args.sources, outputs, plots.FORMATS)
