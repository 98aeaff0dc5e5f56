"""`voicevae sample`: draw a new voice."""

from argparse import ArgumentParser, Namespace

from voicevae import audio
from voicevae.cli.shared import inputs, voices
from voicevae.cli.shared.options import add_machine, add_number, add_seed, default_of
from voicevae.files import check_not_input

GROUP = "voices"
SUMMARY = "draw a new voice"
EXAMPLES = """\
  voicevae sample --seed 3 -o new.voice
  voicevae sample --seed 3 --gender female -o new.voice
  voicevae sample --like reference.wav --distance 0.3 -o near.voice"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.verbs.sampling import SOURCES
    from voicevae.voice import VoiceVAE

    voices.add_voice_output(parser)
    add_seed(parser, "random seed of the voice")
    parser.add_argument("--gender", metavar="NAME", help="as the training corpus calls it: female, male")
    inputs.add_voice(parser, "--like", f"stay near this voice: {inputs.A_VOICE}")
    distance = default_of(VoiceVAE.sample, "distance")
    add_number(parser, "--distance", (0, 1), "SHARE", "from --like: 0 is that voice, 1 a new one", distance)
    parser.add_argument("--label", metavar="SPEAKER", help="draw about a training speaker (info --speakers)")
    parser.add_argument(
        "--source",
        choices=SOURCES,
        help="mixture of the training speakers (default where the bundle has one), or prior N(0, I)",
    )
    add_machine(parser)


def run(args: Namespace) -> int:
    like = None if args.like is None else inputs.voice(args.like)
    audio.check_output(args.output, voices.EXTENSIONS)
    check_not_input(args.output, [like])
    vv = inputs.load(args)
    made = vv.sample(
        args.seed, gender=args.gender, like=like, distance=args.distance, label=args.label, source=args.source
    )
    vv.save_voice(made, args.output)
    print(voices.said(args.output, made))
    return 0
