"""What can be typed after `search`."""

from pathlib import Path

from voicevae.cli import search_commands
from voicevae.cli.options import Add, add_machine, add_seed, add_watermark, command

EXAMPLES = {
    "search": """\
  voicevae search speech.wav -o mine.voice
  voicevae search speech.wav -o mine.voice --gender female --session mine.json
  voicevae search speech.wav -o mine.voice --like reference.wav --out-dir pairs/""",
}


def add_search(add: Add) -> None:
    parser = command(add, "search", search_commands.search, "design a voice by ear, in pairs", EXAMPLES["search"])
    parser.add_argument("source", type=Path, metavar="FILE", help="recording that all voices say; a few seconds")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="voice to write, such as mine.voice"
    )
    parser.add_argument(
        "--out-dir",
        type=Path,
        default=Path("search"),
        metavar="DIR",
        help="folder for a.wav and b.wav, anew in each round, and best.wav (default search/)",
    )
    parser.add_argument("--session", type=Path, metavar="JSON", help="file to keep the choices in, and to go on from")
    parser.add_argument("--gender", metavar="NAME", help="search among these alone: female, male")
    parser.add_argument("--like", metavar="VOICE", help="begin with this voice: a recording, a voice file, an example")
    add_seed(parser, "names the order of the pairs, and the noise in the voices (default 0)")
    add_watermark(parser)
    add_machine(parser)
