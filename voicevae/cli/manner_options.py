"""What can be typed after `transfer` and `style`."""

from pathlib import Path

from voicevae.cli import manner_commands
from voicevae.cli.options import Add, add_files, add_machine, add_seed, add_watermark, command, number

MAX_STRENGTH = 2.0

EXAMPLES = {
    "transfer": """\
  voicevae transfer speech.wav --reference lively.wav -o out.wav
  voicevae transfer speech.wav --reference lively.wav --mix 0.8 -o out.wav
  voicevae transfer *.wav --reference lively.wav --out-dir lively/""",
    "style": """\
  voicevae style speech.wav --style joy -o out.wav
  voicevae style speech.wav --style sadness --strength 1.2 -o out.wav
  voicevae style *.wav --style anger --strength 0.5 --out-dir angry/""",
}


def add_manners(add: Add) -> None:
    transfer = command(
        add, "transfer", manner_commands.transfer, "take over another recording's intonation", EXAMPLES["transfer"]
    )
    add_files(transfer, "sound file", ".wav")
    transfer.add_argument(
        "--reference",
        required=True,
        type=Path,
        metavar="FILE",
        help="a recording, best of one sentence",
    )
    transfer.add_argument(
        "--mix",
        type=number(0, 1),
        default=1.0,
        metavar="SHARE",
        help="0 keeps the source's, 1 is the reference's (default 1)",
    )
    style = command(add, "style", manner_commands.style, "push a style, such as joy or sadness", EXAMPLES["style"])
    add_files(style, "sound file", ".wav")
    style.add_argument("--style", required=True, metavar="NAME", help="of the bundle; an unknown one lists those")
    style.add_argument(
        "--strength",
        type=number(0, MAX_STRENGTH),
        default=1.0,
        metavar="TIMES",
        help=f"0 is none, 1 as the bundle's training speakers did, at most {MAX_STRENGTH:g} (default 1)",
    )
    for parser in (transfer, style):
        add_seed(parser, "names the noise in the voice (default 0)")
        add_watermark(parser)
        add_machine(parser)
