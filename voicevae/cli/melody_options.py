"""What can be typed after `melody`."""

import argparse
from pathlib import Path

from voicevae.cli import melody_commands
from voicevae.cli.options import Add, add_files, add_machine, add_seed, add_watermark, command, number

EXAMPLES = {
    "melody": """\
  voicevae melody speech.wav --notes "C4:0.5 E4:0.5 R:0.25 G4:1" -o song.wav
  voicevae melody speech.wav --midi tune.mid --vibrato 5.5:40 -o song.wav
  voicevae melody speech.wav --tune C:major --strength 0.7 -o tuned.wav""",
}
TRANSPOSE = ["octaves", "key", "none"]


def add_melody(add: Add) -> None:
    parser = command(add, "melody", melody_commands.melody, "sing notes, or draw speech to a scale", EXAMPLES["melody"])
    add_files(parser, "sound file", ".wav")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--notes", metavar="TEXT", help="notes and their seconds, R is a rest: 'C4:0.5 Eb4:0.5 R:0.25'")
    what.add_argument("--midi", type=Path, metavar="FILE", help="melody to sing, its highest line; needs mido")
    what.add_argument("--tune", metavar="SCALE", help="draw the intonation to a scale, such as C:major or F#:minor")
    parser.add_argument(
        "--strength", type=number(0, 1), default=1.0, metavar="SHARE", help="0 is the speech's own pitch (default 1)"
    )
    parser.add_argument("--vibrato", type=vibrato, metavar="HZ:CENTS", help="rate and depth to each side: 5.5:40")
    parser.add_argument(
        "--transpose",
        choices=TRANSPOSE,
        default="octaves",
        help="notes into the speaker's register: by octaves (default), to any key, or none",
    )
    parser.add_argument("--voice", metavar="VOICE", help="who sings: a recording, a voice file, or female, male")
    add_seed(parser, "names the noise in the voice (default 0)")
    add_watermark(parser)
    add_machine(parser)


def vibrato(text: str) -> tuple[float, float]:
    """Rate in Hz and depth in cents of "5.5:40"."""
    try:
        rate_hz, depth_cents = (float(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate in Hz and a depth in cents, such as 5.5:40") from None
    return rate_hz, depth_cents
