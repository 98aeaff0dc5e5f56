"""What each command does. torch is imported when a command runs, so that `--help` is quick."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from voicevae import audio
from voicevae.cli import batch_commands, files
from voicevae.cli.describe import describe
from voicevae.cli.inputs import load
from voicevae.cli.inputs import voice as voice_of
from voicevae.cli.mark_commands import marking
from voicevae.code import Code, Speaker
from voicevae.edits import RANGES
from voicevae.errors import VoiceVAEError
from voicevae.provenance import edits_of

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

CODES = [".npz"]


def convert(args: Namespace) -> int:
    voice, mark = voice_of(args.voice), marking(args)
    if batch_commands.asked(args):
        return batch_commands.convert(args, voice)
    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    vv = load(args)
    work = _edited(vv, args, mark, vv.speaker(voice))
    return files.run(work, args.sources, outputs, audio.FORMATS, keep=[voice])


def modulate(args: Namespace) -> int:
    mark = marking(args)
    if batch_commands.asked(args):
        return batch_commands.convert(args, None)
    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    work = _edited(load(args), args, mark)
    return files.run(work, args.sources, outputs, audio.FORMATS)


def encode(args: Namespace) -> int:
    outputs = files.targets(args.sources, args.output, args.out_dir, ".code.npz")
    vv = load(args)

    def work(source: Path, output: Path) -> float:
        with files.ProgressBar(source, parts=1) as bar:
            code = vv.encode(source, progress=bar.update)
            code.save(output)
        return code.duration_s

    return files.run(work, args.sources, outputs, CODES)


def decode(args: Namespace) -> int:
    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    vv = load(args)

    def work(source: Path, output: Path) -> float:
        with files.ProgressBar(source, parts=1) as bar:
            return _speak(vv, Code.load(source), output, args, bar)

    return files.run(work, args.sources, outputs, audio.FORMATS)


def plot(args: Namespace) -> int:
    from voicevae import plots
    from voicevae.features import extract

    outputs = files.targets(args.sources, args.output, args.out_dir, ".png")
    vv = load(args)

    def work(source: Path, output: Path) -> float:
        with files.ProgressBar(source, parts=1) as bar:
            wave = audio.read(source, vv.sample_rate)
            frames = extract(wave, vv.config, bar.update)
            code = vv.coder.encode(frames, len(wave), residual=False)
            plots.recording(wave, frames, code, vv.config, output, source.name)
        return code.duration_s

    return files.run(work, args.sources, outputs, plots.FORMATS)


def info(args: Namespace) -> int:
    from voicevae import bundle

    parts = bundle.load(args.bundle)
    if args.speakers:
        print(*parts.speakers, sep="\n")
    else:
        print(describe(parts, args.bundle or bundle.DEFAULT))
    return 0


def evaluate(args: Namespace) -> int:
    _check_corpus(args.corpus)
    files.make_folder(args.out_dir)
    try:
        from voicevae.evaluation.plan import Plan
        from voicevae.evaluation.report import protocol_report, runner

        plan = Plan(args.corpus, **_plan(args))
        if args.protocol:
            protocol_report.evaluate(load(args), args.protocol, plan, args.out_dir)
        else:
            runner.evaluate(load(args), plan, args.out_dir)
    except ImportError as error:
        raise VoiceVAEError(f'evaluate needs {error.name}; pip install "voicevae[eval]" brings it.') from None
    return 0


def compare(args: Namespace) -> int:
    if args.corpus is not None:
        _check_corpus(args.corpus)
    if args.out_dir is not None:
        files.make_folder(args.out_dir)
    try:
        from voicevae.evaluation.plan import Plan
        from voicevae.evaluation.report import compare as comparison

        plan = None if args.corpus is None else Plan(args.corpus, **_plan(args))
        comparison.evaluate(args.a, args.b, plan, args.out_dir, args.device)
    except ImportError as error:
        raise VoiceVAEError(f'compare needs {error.name}; pip install "voicevae[eval]" brings it.') from None
    return 0


def _check_corpus(folder: Path) -> None:
    if not folder.is_dir():
        raise VoiceVAEError(f"{folder} is not a folder; give one of recordings.")


def _plan(args: Namespace) -> dict[str, Any]:
    names = ("split", "quick", "pairs", "seed", "baseline", "verbs", "recogniser")
    return {name: getattr(args, name) for name in names} | ({"workers": args.workers} if args.workers else {})


def _edited(
    vv: "VoiceVAE", args: Namespace, mark: Callable[[Code], Code], speaker: Speaker | None = None
) -> files.Work:
    """Encode, edit, mark, speak: in the voice of `speaker`, or in the source's own."""

    def work(source: Path, output: Path) -> float:
        with files.ProgressBar(source, parts=2) as bar:
            code = vv.encode(source, progress=bar.update)
            return _speak(vv, mark(code.edit(speaker, **_edits(args))), output, args, bar)

    return work


def _edits(args: Namespace) -> dict[str, float]:
    return {name: value for name in RANGES if (value := getattr(args, name)) is not None}


def _speak(vv: "VoiceVAE", code: Code, output: Path, args: Namespace, bar: files.ProgressBar) -> float:
    """Write what `code` says, in bounded memory; returns its seconds."""

    def blocks() -> Iterator[np.ndarray]:
        for block in vv.decode_blocks(code, args.seed):
            yield block
            bar.update(len(block) / vv.sample_rate / code.duration_s)

    files.write_speech(args, output, blocks(), vv, edits_of(code))
    return code.duration_s
