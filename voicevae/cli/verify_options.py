"""What can be typed after `voicevae verify`."""

from pathlib import Path

from voicevae.cli import verify_commands
from voicevae.cli.options import Add, command

EXAMPLES = {
    "verify": """\
  voicevae verify out.wav
  voicevae verify *.wav --json""",
}


def add_verify(add: Add) -> None:
    summary = "say whether sounds carry provenance or the watermark"
    parser = command(add, "verify", verify_commands.verify, summary, EXAMPLES["verify"])
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help="sound files")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")
