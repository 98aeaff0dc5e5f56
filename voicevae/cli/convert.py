"""`voicevae convert`: convert speech to another voice."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import corpora, edits, inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_seed, add_watermark
from voicevae.engine import CONVERSION
from voicevae.files import Progress, Written

GROUP = "speech"
SUMMARY = "convert speech to another voice"
EXAMPLES = """\
  voicevae convert speech.wav --voice reference.wav -o out.wav
  voicevae convert speech.wav --voice one.wav --voice two.wav --voice more/ -o out.wav
  voicevae convert *.wav --voice reference.wav --out-dir converted/
  voicevae convert speech.wav --voice reference.wav --pitch -2 --rate 0.9 -o out.wav
  voicevae convert corpus/ --voice reference.wav --out-dir converted/ --workers 4"""


def add_options(parser: ArgumentParser) -> None:
    add_files(parser, "sound file", ".wav")
    text = (
        "recording of the voice, a few seconds are enough; a folder of them; a voice file; or an example voice: "
        "female, male; more recordings of the same speaker by --voice again"
    )
    inputs.add_voice(parser, "--voice", text, required=True, action="append")
    edits.add_shares(parser)
    edits.add_edits(parser)
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)
    corpora.add_workers(parser)


def run(args: Namespace) -> int:
    voice, spans, asked = inputs.voices(args.voice), edits.spans(args), edits.asked(args)
    if corpora.asked(args):
        return corpora.convert(args, voice, asked)
    outputs = jobs.outputs(args, ".wav")
    vv = inputs.load(args, CONVERSION)
    speaker, writing = vv.speaker(voice), jobs.writing(args)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        marks = spans(speaker)
        return vv.convert_file(source, output, voice=speaker, marks=marks, progress=progress, **writing, **asked)

    return jobs.write_sounds(work, args, outputs, keep=voice if isinstance(voice, list) else [voice])
