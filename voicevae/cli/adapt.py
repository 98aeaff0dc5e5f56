"""`voicevae adapt`: a voice file from many recordings of one speaker.

The features of the recordings lie beside the output until that is written, so that an interrupted run goes on.
"""

import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae import audio
from voicevae.cli.shared import inputs, jobs, voices
from voicevae.cli.shared.options import add_machine, add_seed, default_of, number
from voicevae.errors import VoiceVAEError
from voicevae.files import check_not_input
from voicevae.names import fitted

GROUP = "voices"
SUMMARY = "fit a voice to more recordings of its speaker"
EXAMPLES = """\
  voicevae adapt recordings/ -o mine.voice
  voicevae adapt one.wav two.wav more/ --minutes 10 -o mine.voice"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.adaptation import LEAST_S, adapt

    text = f"sound files and folders of them, of one speaker, in all {LEAST_S:.0f} s of speech or more"
    parser.add_argument("recordings", nargs="+", type=Path, metavar="RECORDINGS", help=text)
    voices.add_voice_output(parser)
    minutes = default_of(adapt, "minutes")
    text = f"time limit in minutes; recordings for which there is no time are left out (default {minutes:g})"
    parser.add_argument("--minutes", type=number(0.1, 1440), default=minutes, metavar="M", help=text)
    add_seed(parser, "random seed: draws what is held back")
    add_machine(parser)


def run(args: Namespace) -> int:
    audio.check_output(args.output, voices.EXTENSIONS)
    check_not_input(args.output, args.recordings)
    vv, keep = inputs.load(args), args.output.with_name(fitted(args.output.name, ".features"))
    try:
        with jobs.ProgressBar(args.output) as bar:
            made = vv.adapt(args.recordings, minutes=args.minutes, seed=args.seed, keep=keep, progress=bar.update)
        vv.save_voice(made.speaker, args.output)
    except VoiceVAEError:
        shutil.rmtree(keep, ignore_errors=True)
        raise
    shutil.rmtree(keep, ignore_errors=True)
    print(voices.said(args.output, made.speaker))
    print(made)
    return 0
