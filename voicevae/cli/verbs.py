"""The commands of the verbs: parse, call one method of `VoiceVAE`, write."""

import math
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from voicevae import audio, parallel, voicefile
from voicevae.cli import batch_commands, files
from voicevae.cli.inputs import load, voice
from voicevae.code import Code, Speaker
from voicevae.errors import AudioError
from voicevae.units import SEMITONES_PER_NAT

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

VOICES = [voicefile.EXTENSION]
MAPS = [".png", ".pdf", ".svg", ".html"]
PAUSE_S = 0.2


def sample(args: Namespace) -> int:
    like = None if args.like is None else voice(args.like)
    audio.check_output(args.output, VOICES)
    files.check_kept(args.output, [] if like is None else [like])
    vv = load(args)
    near = {} if args.distance is None else {"distance": args.distance}
    made = vv.sample(args.seed, gender=args.gender, like=like, label=args.label, source=args.source, **near)
    vv.save_voice(made, args.output)
    print(f"{args.output}: {_describe(made)}")
    return 0


def blend(args: Namespace) -> int:
    voices = [voice(name) for name in args.voices]
    audio.check_output(args.output, audio.FORMATS if args.prosody else VOICES)
    files.check_kept(args.output, voices)
    vv = load(args)
    if args.prosody:
        code = vv.blend_prosody(voices, args.weights)
        files.write_speech(args, args.output, vv.decode_blocks(code, args.seed), vv, "blended prosody")
        print(f"{args.output}: {code.duration_s:.2f} s of speech")
        return 0
    made = vv.blend(voices, args.weights)
    vv.save_voice(made, args.output)
    print(f"{args.output}: {_describe(made)}")
    return 0


def traverse(args: Namespace) -> int:
    from voicevae import verb_plots

    files.make_folder(args.out_dir)
    vv = load(args)
    sweeps = vv.traverse(args.source, latent=args.latent, dimensions=args.dimensions, steps=args.steps, span=args.span)
    picture = args.out_dir / "traverse.png"
    outputs = [args.out_dir / f"{sweep.name.replace(' ', '-')}.wav" for sweep in sweeps]
    for output in (picture, *outputs):
        files.check_kept(output, [args.source])
    for sweep, output in zip(tqdm(sweeps, unit="dimension", disable=None), outputs, strict=True):
        files.write_speech(args, output, _row(vv, sweep.codes, args.seed), vv, f"{sweep.name} traversed")
        files.say_line(f"{sweep.name}: {sweep.words()}")
    verb_plots.traversal(sweeps, vv.coder, picture)
    print(f"{picture}, and {len(outputs)} sounds beside it")
    return 0


def score(args: Namespace) -> int:
    from voicevae import verb_plots

    sources = files.sounds(args.sources)
    pictures = files.targets(sources, None, args.plot, ".png") if args.plot else []
    vv = load(args)
    unlike, failures = 0, []
    for i, source in enumerate(sources):
        try:
            with files.ProgressBar(source, parts=1) as bar:
                wave = audio.read(source, vv.sample_rate)
                found = vv.score(wave, progress=bar.update)
        except AudioError as error:
            failures.append(str(error))
            continue
        files.say_line(
            f"{source}: z {found.z:+.2f}, percentile {found.percentile:.1f}, {found.nats:.1f} nats a frame; "
            f"least usual: {found.words()}"
        )
        unlike += args.threshold is not None and found.z > args.threshold
        if pictures:
            verb_plots.anomaly(wave, found, vv.config, pictures[i], source.name)
    for sentence in failures:
        print(f"voicevae: {sentence}", file=sys.stderr)
    return 2 if failures else int(unlike > 0)


def embed(args: Namespace) -> int:
    from voicevae import batch
    from voicevae.verbs import maps
    from voicevae.verbs.embed import FORMATS

    sources = files.sounds(args.sources)
    for output, extensions in [(args.output, FORMATS), *((path, MAPS) for path in args.map)]:
        audio.check_output(output, extensions)
        files.check_kept(output, sources)
    vv = load(args)
    if batch_commands.asked(args):
        with parallel.cluster(args.scheduler) as executor:
            found = batch.embed(vv, sources, args.output, workers=args.workers or 1, executor=executor)
    else:
        with files.ProgressBar(args.output, parts=len(sources)) as bar:
            found = vv.embed(sources, progress=bar.update)
    points = maps.project(found.matrix([args.group]), args.method) if args.map else np.zeros((0, 2))
    found.save(args.output)
    for path in args.map:
        _draw_map(points, sources, path, args)
    print(f"{args.output}: {len(sources)} recordings, {sum(found.seconds):.2f} s of speech")
    return 0


def _row(vv: "VoiceVAE", codes: Sequence[Code], seed: int) -> Iterator[np.ndarray]:
    """What the codes say, one after another, with pauses between."""
    for code in codes:
        yield from vv.decode_blocks(code, seed)
        yield np.zeros(round(PAUSE_S * vv.sample_rate), np.float32)


def _draw_map(points: np.ndarray, sources: Sequence[Path], path: Path, args: Namespace) -> None:
    """Recordings in one folder have one colour: that is the speaker, where folders are."""
    from voicevae import verb_plots
    from voicevae.verbs import maps

    labels = [source.resolve().parent.name for source in sources]
    title = f"{args.group} of {len(sources)} recordings, by {args.method}"
    if path.suffix.lower() == ".html":
        names = [source.name for source in sources]
        maps.write_html(points, names, labels, path, title, "Colours are folders.")
    else:
        verb_plots.points(points, labels, path, title)


def _describe(speaker: Speaker) -> str:
    std = SEMITONES_PER_NAT * speaker.log_f0_std
    return f"a voice of {math.exp(speaker.log_f0_mean):.0f} Hz, standard deviation {std:.1f} semitones"
