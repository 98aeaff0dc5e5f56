"""What can be typed for edits of spans."""

import argparse
from pathlib import Path

EXAMPLES = """\
  voicevae modulate speech.wav --marks marks.json -o out.wav
  voicevae modulate speech.wav --ssml text.ssml --timings words.json -o out.wav"""


def add_marks(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("edits of spans, of one recording")
    for option, text in (
        ("--marks", "JSON: start_s, end_s and edits, such as pitch_semitones, of each span"),
        ("--ssml", "text with <prosody> and <emphasis>; with --timings"),
        ("--timings", "JSON: word, start_s and end_s of each word of --ssml"),
    ):
        group.add_argument(option, type=Path, metavar="FILE", help=text)
