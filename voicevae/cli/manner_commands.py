"""The commands `transfer` and `style`."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from voicevae import audio
from voicevae.cli import files
from voicevae.cli.inputs import load
from voicevae.code import Code

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE


def transfer(args: Namespace) -> int:
    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    vv = load(args)
    reference = vv.encode(args.reference, residual=False)
    work = _changed(
        vv, lambda code: vv.transfer(code, reference=reference, mix=args.mix), args, "intonation of another recording"
    )
    return files.run(work, args.sources, outputs, audio.FORMATS, keep=[args.reference])


def style(args: Namespace) -> int:
    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    vv = load(args)
    work = _changed(
        vv,
        lambda code: vv.style(code, style=args.style, strength=args.strength),
        args,
        f"style {args.style} {args.strength:g}",
    )
    return files.run(work, args.sources, outputs, audio.FORMATS)


def _changed(vv: "VoiceVAE", change: Callable[[Code], Code], args: Namespace, edits: str) -> files.Work:
    """Encode, change the code, which is told as `edits`, speak."""

    def work(source: Path, output: Path) -> float:
        with files.ProgressBar(source, parts=1) as bar:
            code = change(vv.encode(source, progress=bar.update))
            files.write_speech(args, output, vv.decode_blocks(code, args.seed), vv, edits)
        return code.duration_s

    return work
