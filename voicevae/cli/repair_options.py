"""What can be typed after `repair`."""

from pathlib import Path

from voicevae.cli import repair_commands
from voicevae.cli.options import Add, add_machine, add_seed, command, number

EXAMPLES = {
    "repair": """\
  voicevae repair speech.wav -o out.wav
  voicevae repair speech.wav --span 1.20 1.26 --span 2.5 2.7 -o out.wav
  voicevae repair speech.wav --list""",
}
LONGEST_S = 1e6


def add_repair(add: Add) -> None:
    parser = command(add, "repair", repair_commands.repair, "fill in what is damaged", EXAMPLES["repair"])
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help="sound file; several with --out-dir")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help="file to write, such as out.wav")
    where.add_argument("--out-dir", type=Path, metavar="DIR", help="folder to write to, one file for each input")
    where.add_argument("--list", action="store_true", help="say what is damaged, and write nothing")
    parser.add_argument(
        "--span",
        nargs=2,
        type=number(0, LONGEST_S),
        action="append",
        metavar=("START", "END"),
        help="seconds to fill in, as often as you like (default: dropouts, clicks and clipping that are found)",
    )
    add_seed(parser, "names the noise in the voice (default 0)")
    add_machine(parser)
