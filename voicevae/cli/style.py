"""`voicevae style`: apply a style, such as joy or sadness."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_number, add_seed, add_watermark, default_of
from voicevae.files import Progress, Written

GROUP = "speech"
SUMMARY = "apply a style, such as joy or sadness"
EXAMPLES = """\
  voicevae style speech.wav --style joy -o out.wav
  voicevae style speech.wav --style sadness --strength 1.2 -o out.wav
  voicevae style *.wav --style anger --strength 0.5 --out-dir angry/"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.verbs.style import MAX_STRENGTH
    from voicevae.voice import VoiceVAE

    add_files(parser, "sound file", ".wav")
    parser.add_argument("--style", required=True, metavar="NAME", help="of the bundle; an unknown one lists those")
    text = f"0 is none, 1 as the bundle's training speakers did, at most {MAX_STRENGTH:g}"
    strength = default_of(VoiceVAE.style, "strength")
    add_number(parser, "--strength", (0, MAX_STRENGTH), "TIMES", text, strength)
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    outputs = jobs.outputs(args, ".wav")
    vv, writing = inputs.load(args), jobs.writing(args)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        return vv.style_file(source, output, style=args.style, strength=args.strength, progress=progress, **writing)

    return jobs.write_sounds(work, args, outputs)
