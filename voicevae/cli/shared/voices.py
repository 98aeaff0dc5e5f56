"""Voice files as output."""

import math
from argparse import ArgumentParser
from pathlib import Path

from voicevae import voicefile
from voicevae.cli.shared.options import add_output
from voicevae.code import Speaker
from voicevae.names import shown
from voicevae.units import SEMITONES_PER_NAT

EXTENSIONS = [voicefile.EXTENSION]


def add_voice_output(parser: ArgumentParser) -> None:
    """-o: a voice file."""
    add_output(parser, "file to write, such as new.voice")


def said(output: Path, speaker: Speaker) -> str:
    """A voice file in words."""
    std = SEMITONES_PER_NAT * speaker.log_f0_std
    return f"{shown(output)}: a voice of {math.exp(speaker.log_f0_mean):.0f} Hz, standard deviation {std:.1f} semitones"
