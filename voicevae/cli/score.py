"""`voicevae score`: score how unlike the training speech recordings are."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae import audio
from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_machine, add_sources, number
from voicevae.errors import AudioError
from voicevae.names import shown

GROUP = "analysis"
SUMMARY = "score how unlike the training speech recordings are"
EXAMPLES = """\
  voicevae score speech.wav
  voicevae score recordings/ --threshold 3 --plot scores/"""


def add_options(parser: ArgumentParser) -> None:
    add_sources(parser, "sound files, or folders of them; - is standard input")
    parser.add_argument(
        "--threshold",
        type=number(-1e6, 1e6),
        metavar="Z",
        help="exit with 1 if a recording's z is above it; 2 or 3 are usual choices",
    )
    parser.add_argument("--plot", type=Path, metavar="DIR", help="folder for a picture of each over time")
    add_machine(parser)


def run(args: Namespace) -> int:
    sources = inputs.sounds(args.sources)
    pictures = jobs.in_folder(sources, args.plot, ".png") if args.plot else []
    vv = inputs.load(args)
    unlike, failures = 0, []
    for i, source in enumerate(sources):
        try:
            with jobs.ProgressBar(source) as bar:
                wave = audio.read(source, vv.sample_rate)
                found = vv.score(wave, progress=bar.update)
        except AudioError as error:
            failures.append(str(error))
            continue
        jobs.say_line(
            f"{shown(source)}: z {found.z:+.2f}, percentile {found.percentile:.1f}, {found.nats:.1f} nats a frame; "
            f"least usual: {found.words()}"
        )
        unlike += args.threshold is not None and found.z > args.threshold
        if pictures:
            from voicevae import verb_plots

            verb_plots.anomaly(wave, found, vv.config, pictures[i], source.name)
    for sentence in failures:
        print(f"voicevae: {sentence}", file=sys.stderr)
    return 2 if failures else int(unlike > 0)
