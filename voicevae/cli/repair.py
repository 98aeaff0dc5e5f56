"""`voicevae repair`: fill in damaged spans."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_seed, number
from voicevae.errors import AudioError
from voicevae.files import Progress, Written
from voicevae.names import shown

GROUP = "speech"
SUMMARY = "fill in damaged spans"
EXAMPLES = """\
  voicevae repair speech.wav -o out.wav
  voicevae repair speech.wav --span 1.20 1.26 --span 2.5 2.7 -o out.wav
  voicevae repair speech.wav --list"""
LONGEST_S = 1e6


def add_options(parser: ArgumentParser) -> None:
    where = add_files(parser, "sound file", ".wav")
    where.add_argument("--list", action="store_true", help="list damaged spans, and write nothing")
    parser.add_argument(
        "--span",
        nargs=2,
        type=number(0, LONGEST_S),
        action="append",
        metavar=("START", "END"),
        help="seconds to fill in, repeatable (default: the dropouts, clicks and clipping found)",
    )
    add_seed(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    if args.list:
        return _list(args)
    outputs = jobs.outputs(args, ".wav")
    vv = inputs.load(args)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        spans = args.span or [(span.start_s, span.end_s) for span in vv.damage(source)]
        written = vv.repair_file(source, output, spans=spans, seed=args.seed)
        filled_ms = 1000 * sum(end - start for start, end in spans)
        jobs.say_line(f"{shown(output)}: {len(spans)} spans repaired, {filled_ms:.1f} ms")
        return written

    return jobs.write_sounds(work, args, outputs)


def _list(args: Namespace) -> int:
    vv, status = inputs.load(args), 0
    for source in args.sources:
        try:
            found = vv.damage(source)
        except AudioError as error:
            jobs.say(f"voicevae: {error}")
            status = 2
            continue
        for span in found:
            jobs.say_line(f"{shown(source)}: {span.start_s:.5f} to {span.end_s:.5f} s, {span.kind}")
        jobs.say_line(f"{shown(source)}: {len(found)} damaged spans")
    return status
