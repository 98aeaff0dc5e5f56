"""`voicevae modulate`: change pitch, intonation, rate, loudness and formants."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import corpora, edits, inputs, jobs
from voicevae.cli.shared.options import add_files, add_machine, add_seed, add_watermark
from voicevae.files import Progress, Written

GROUP = "speech"
SUMMARY = "change pitch, intonation, rate, loudness and formants"
EXAMPLES = """\
  voicevae modulate speech.wav --pitch +3 --pitch-range 1.5 -o out.wav
  voicevae modulate speech.wav --rate 0.9 --energy +3 --formant -1 -o out.wav
  voicevae modulate *.wav --pitch=-6 --out-dir lower/
  voicevae modulate speech.wav --marks marks.json -o out.wav
  voicevae modulate speech.wav --ssml text.ssml --timings words.json -o out.wav
  voicevae modulate corpus/ --pitch -2 --out-dir lower/ --scheduler tcp://10.0.0.1:8786"""


def add_options(parser: ArgumentParser) -> None:
    add_files(parser, "sound file", ".wav")
    edits.add_edits(parser)
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)
    corpora.add_workers(parser)


def run(args: Namespace) -> int:
    spans, asked = edits.spans(args), edits.asked(args)
    if corpora.asked(args):
        return corpora.convert(args, None, asked)
    outputs = jobs.outputs(args, ".wav")
    vv, writing = inputs.load(args, ["vocoder"]), jobs.writing(args)

    def work(source: Path, output: Path, progress: Progress) -> Written:
        if args.ssml is None:
            return vv.modulate_file(source, output, marks=spans(None), progress=progress, **writing, **asked)
        code = vv.encode(source)  # SSML needs to know who speaks
        return vv.modulate_file(code, output, marks=spans(code.speaker), progress=progress, **writing, **asked)

    return jobs.write_sounds(work, args, outputs)
