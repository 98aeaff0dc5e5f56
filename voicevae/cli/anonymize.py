"""`voicevae anonymize`: hide who speaks."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import corpora, inputs, jobs
from voicevae.cli.shared.options import (
    add_files,
    add_machine,
    add_number,
    add_seed,
    add_watermark,
    default_of,
    whole,
)
from voicevae.files import Progress, Written

GROUP = "speech"
SUMMARY = "hide who speaks behind a pseudo-speaker"
EXAMPLES = """\
  voicevae anonymize speech.wav --secret 831204 -o out.wav
  voicevae anonymize corpus/ --secret 831204 --flatten 0.5 --out-dir hidden/ --workers 2
  voicevae anonymize corpus/ --per recording --secret 831204 --out-dir hidden/"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.anonymization import PER, anonymize
    from voicevae.voice import VoiceVAE

    add_files(parser, "sound file", ".wav")
    text = "seed of the voices; whoever has it can draw them again, so choose a long one and keep it secret"
    parser.add_argument("--secret", type=whole(0, 2**63 - 1), required=True, metavar="N", help=text)
    per = default_of(anonymize, "per")
    text = f"in a corpus, one voice for each speaker, which is a folder, or for each recording (default {per})"
    parser.add_argument("--per", choices=PER, default=per, help=text)
    flatten = default_of(VoiceVAE.anonymize, "flatten")
    add_number(parser, "--flatten", (0, 1), "SHARE", "share of the intonation to remove", flatten)
    kept = default_of(VoiceVAE.anonymize, "residual")
    add_number(parser, "--residual", (0, 1), "SHARE", "of the recording's residual: more is clearer, hides less", kept)
    parser.add_argument("--gender", metavar="NAME", help="of the voices: female, male (default: any)")
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)
    corpora.add_workers(parser)


def run(args: Namespace) -> int:
    if corpora.asked(args):
        return corpora.anonymize(args)
    outputs, vv, writing = jobs.outputs(args, ".wav"), inputs.load(args), jobs.writing(args)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        how = {name: getattr(args, name) for name in ("secret", "flatten", "gender", "residual")}
        return vv.anonymize_file(source, output, speaker=source.name, progress=progress, **how, **writing)

    return jobs.write_sounds(work, args, outputs)
