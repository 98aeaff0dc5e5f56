"""`voicevae melody`: sing notes, or draw speech to a scale."""

import argparse
from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_number, add_seed, add_watermark, default_of
from voicevae.files import Progress, Written

GROUP = "speech"
SUMMARY = "sing notes, or draw speech to a scale"
EXAMPLES = """\
  voicevae melody speech.wav --notes "C4:0.5 E4:0.5 R:0.25 G4:1" -o song.wav
  voicevae melody speech.wav --midi tune.mid --vibrato 5.5:40 -o song.wav
  voicevae melody speech.wav --tune C:major --strength 0.7 -o tuned.wav"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.verbs import melody, notes

    add_files(parser, "sound file", ".wav")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--notes", metavar="TEXT", help="notes and their seconds, R is a rest: 'C4:0.5 Eb4:0.5 R:0.25'")
    what.add_argument("--midi", type=Path, metavar="FILE", help="melody to sing, its highest line; needs mido")
    what.add_argument("--tune", metavar="SCALE", help="draw the intonation to a scale, such as C:major or F#:minor")
    strength = default_of(melody.melody, "strength")
    limits = melody.RANGES["strength"]
    add_number(parser, "--strength", limits, "SHARE", "0 is the speech's own pitch", strength)
    parser.add_argument("--vibrato", type=vibrato, metavar="HZ:CENTS", help="rate and depth to each side: 5.5:40")
    transpose = default_of(melody.melody, "transpose")
    parser.add_argument(
        "--transpose",
        choices=notes.TRANSPOSE,
        default=transpose,
        help=f"notes into the speaker's register: by octaves, to any key, or none (default {transpose})",
    )
    inputs.add_voice(parser, "--voice", f"who sings: {inputs.A_VOICE}")
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    from voicevae.verbs import notes

    outputs = jobs.outputs(args, ".wav")
    voice = None if args.voice is None else inputs.voice(args.voice)
    options = {
        "notes": None if args.tune is not None else notes.read(args.midi or args.notes),
        "tune": args.tune,
        "strength": args.strength,
        "vibrato": args.vibrato,
        "transpose": args.transpose,
    }
    vv, writing = inputs.load(args), jobs.writing(args)
    speaker = None if voice is None else vv.speaker(voice)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        return vv.melody_file(source, output, voice=speaker, progress=progress, **writing, **options)

    return jobs.write_sounds(work, args, outputs, keep=[voice, args.midi])


def vibrato(text: str) -> tuple[float, float]:
    """Rate in Hz and depth in cents.

    >>> vibrato("5.5:40")
    (5.5, 40.0)
    """
    try:
        rate_hz, depth_cents = (float(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate in Hz and a depth in cents, such as 5.5:40") from None
    return rate_hz, depth_cents
