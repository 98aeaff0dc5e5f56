"""`voicevae transfer`: transfer another recording's intonation."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_number, add_seed, add_watermark, default_of
from voicevae.files import Progress, Written

GROUP = "speech"
SUMMARY = "transfer another recording's intonation"
EXAMPLES = """\
  voicevae transfer speech.wav --reference lively.wav -o out.wav
  voicevae transfer speech.wav --reference lively.wav --mix 0.8 -o out.wav
  voicevae transfer *.wav --reference lively.wav --out-dir lively/"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.voice import VoiceVAE

    add_files(parser, "sound file", ".wav")
    parser.add_argument(
        "--reference",
        required=True,
        type=Path,
        metavar="FILE",
        help="recording of the intonation, best of one sentence",
    )
    mix = default_of(VoiceVAE.transfer, "mix")
    add_number(parser, "--mix", (0, 1), "SHARE", "0 keeps the source's, 1 is the reference's", mix)
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    outputs = jobs.outputs(args, ".wav")
    vv, writing = inputs.load(args), jobs.writing(args)
    reference = vv.encode(args.reference, residual=False)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        return vv.transfer_file(source, output, reference=reference, mix=args.mix, progress=progress, **writing)

    return jobs.write_sounds(work, args, outputs, keep=[args.reference])
