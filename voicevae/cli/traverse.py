"""`voicevae traverse`: move latent dimensions in steps, and name their effects."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from voicevae.cli.shared import inputs, jobs
from voicevae.cli.shared.options import (
    add_machine,
    add_number,
    add_out_dir,
    add_seed,
    add_watermark,
    add_whole,
)
from voicevae.code import Code
from voicevae.files import check_not_input
from voicevae.names import shown

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

GROUP = "analysis"
SUMMARY = "move latent dimensions in steps, and name their effects"
EXAMPLES = """\
  voicevae traverse speech.wav --out-dir sweeps/
  voicevae traverse speech.wav --latent z_p --dimensions 4 --out-dir sweeps/"""
PAUSE_S = 0.2


def add_options(parser: ArgumentParser) -> None:
    from voicevae.verbs.traverse import DIMENSIONS, LATENTS, RANGES, SPAN, STEPS

    parser.add_argument("source", type=Path, metavar="FILE", help="recording, a second or two is enough")
    latent = f"speaker or prosody (default {LATENTS[0]})"
    parser.add_argument("--latent", choices=LATENTS, default=LATENTS[0], help=latent)
    add_whole(parser, "--dimensions", RANGES["dimensions"], "number of dimensions, most active first", DIMENSIONS)
    add_whole(parser, "--steps", RANGES["steps"], "steps of each dimension, an odd number", STEPS)
    text = "sweep range, +-N standard deviations of the dimension"
    add_number(parser, "--span", RANGES["span"], "STDS", text, SPAN)
    add_out_dir(parser, "folder for traverse.png and a sound a dimension")
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    from voicevae import verb_plots

    jobs.make_folder(args.out_dir)
    vv = inputs.load(args)
    sweeps = vv.traverse(args.source, latent=args.latent, dimensions=args.dimensions, steps=args.steps, span=args.span)
    picture = args.out_dir / "traverse.png"
    outputs = [args.out_dir / f"{sweep.name.replace(' ', '-')}.wav" for sweep in sweeps]
    for output in (picture, *outputs):
        check_not_input(output, [args.source])
    for sweep, output in zip(tqdm(sweeps, unit="dimension", disable=None), outputs, strict=True):
        row = _row(vv, sweep.codes, args.seed)
        jobs.said(vv.write(output, row, edits=f"{sweep.name} traversed", watermark=not args.no_watermark))
        jobs.say_line(f"{sweep.name}: {sweep.words()}")
    verb_plots.traversal(sweeps, vv.coder, picture)
    print(f"{shown(picture)}, and {len(outputs)} sounds beside it")
    return 0


def _row(vv: "VoiceVAE", codes: Sequence[Code], seed: int) -> Iterator[np.ndarray]:
    """The waves of the codes, one after another, with pauses."""
    for code in codes:
        yield from vv.decode_blocks(code, seed)
        yield np.zeros(round(PAUSE_S * vv.sample_rate), np.float32)
