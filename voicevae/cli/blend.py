"""`voicevae blend`: blend voices."""

from argparse import ArgumentParser, Namespace

from voicevae import audio
from voicevae.cli.shared import inputs, jobs, voices
from voicevae.cli.shared.options import add_machine, add_seed, add_watermark, number
from voicevae.files import check_not_input
from voicevae.names import shown

GROUP = "voices"
SUMMARY = "blend voices"
EXAMPLES = """\
  voicevae blend one.wav two.wav -o middle.voice
  voicevae blend one.wav two.voice female --weights 2 1 1 -o mixed.voice
  voicevae blend speech.wav lively.wav --prosody --weights 1 2 -o out.wav"""
WEIGHTS = (0.0, 1e6)


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("voices", nargs="+", metavar="VOICE", help=inputs.A_VOICE)
    parser.add_argument(
        "--weights",
        nargs="+",
        type=number(*WEIGHTS),
        metavar="W",
        help="one for each voice, of 0 or more (default: equal)",
    )
    parser.add_argument(
        "--prosody",
        action="store_true",
        help="give the first recording the mean pitch range and dynamics of all; OUT is then a sound file",
    )
    voices.add_voice_output(parser)
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    sources = [inputs.voice(name) for name in args.voices]
    audio.check_output(args.output, audio.FORMATS if args.prosody else voices.EXTENSIONS)
    check_not_input(args.output, sources)
    vv = inputs.load(args)
    if args.prosody:
        code = vv.blend_prosody(sources, args.weights)
        written = jobs.said(vv.decode_file(code, args.output, edits="blended prosody", **jobs.writing(args)))
        print(f"{shown(args.output)}: {written.duration_s:.2f} s of speech")
        return 0
    made = vv.blend(sources, args.weights)
    vv.save_voice(made, args.output)
    print(voices.said(args.output, made))
    return 0
