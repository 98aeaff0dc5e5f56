"""`voicevae embed`: store recordings as feature vectors, and map them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicevae import audio, parallel
from voicevae.cli.shared import corpora, inputs, jobs, pipes
from voicevae.cli.shared.options import add_machine, add_output, add_sources
from voicevae.errors import VoiceVAEError
from voicevae.files import check_not_input
from voicevae.names import shown

if TYPE_CHECKING:
    from voicevae.verbs.embed import Embeddings
    from voicevae.voice import VoiceVAE

GROUP = "analysis"
SUMMARY = "store recordings as feature vectors, and map them"
EXAMPLES = """\
  voicevae embed recordings/ -o corpus.npz --map map.png map.html
  voicevae embed one.wav two.wav three.wav -o three.npz --map map.html --group prosody
  voicevae embed corpus/ -o corpus.npz --workers 4"""
MAPS = [".png", ".pdf", ".svg", ".html"]


def add_options(parser: ArgumentParser) -> None:
    from voicevae.verbs.embed import GROUPS
    from voicevae.verbs.maps import METHODS

    add_sources(parser, "sound files, or folders of them; - is standard input")
    add_output(parser, "table to write: .npz, or .parquet with pyarrow")
    parser.add_argument(
        "--map", nargs="+", type=Path, default=[], metavar="OUT", help="maps to write, such as map.png map.html"
    )
    group, method = GROUPS[0], METHODS[0]
    parser.add_argument("--group", choices=GROUPS, default=group, help=f"features that maps show (default {group})")
    parser.add_argument("--method", choices=METHODS, default=method, help="projection of maps; umap needs umap-learn")
    add_machine(parser)
    corpora.add_workers(parser)


def run(args: Namespace) -> int:
    from voicevae import batch
    from voicevae.verbs import maps
    from voicevae.verbs.embed import FORMATS

    sources = inputs.sounds(args.sources)
    for output, extensions in [(args.output, FORMATS), *((path, MAPS) for path in args.map)]:
        audio.check_output(output, extensions)
        check_not_input(output, sources)
    vv = inputs.load(args)
    if corpora.asked(args):
        with parallel.cluster(args.scheduler) as executor:
            found, failures = batch.embed(vv, sources, args.output, workers=args.workers or 1, executor=executor)
    else:
        found, failures = _embedded(vv, sources, args.output)
    found = replace(found, names=[pipes.said(name) for name in found.names])
    used = [Path(name) for name in found.names]
    points = maps.project(found.matrix([args.group]), args.method) if args.map else np.zeros((0, 2))
    found.save(args.output)
    for path in args.map:
        _draw_map(points, used, path, args)
    jobs.say_failures(failures, len(sources))
    print(f"{shown(args.output)}: {len(used)} recordings, {sum(found.seconds):.2f} s of speech")
    return 2 if failures else 0


def _embedded(vv: "VoiceVAE", sources: Sequence[Path], output: Path) -> "tuple[Embeddings, list[str]]":
    """As `voicevae.batch.embed`, without a journal."""
    from voicevae.verbs.embed import joined

    parts: list[Embeddings] = []
    failures: list[str] = []
    with jobs.ProgressBar(output, parts=len(sources)) as bar:
        for source in sources:
            try:
                parts.append(vv.embed([source], progress=bar.update))
            except VoiceVAEError as error:
                if len(sources) == len(failures) + 1:
                    raise
                failures.append(str(error))
    return joined(parts), failures


def _draw_map(points: np.ndarray, sources: Sequence[Path], path: Path, args: Namespace) -> None:
    """Recordings in one folder have one colour: that is the speaker, where folders are."""
    from voicevae.verbs import maps

    labels = [source.resolve().parent.name for source in sources]
    title = f"{args.group} of {len(sources)} recordings, by {args.method}"
    if path.suffix.lower() == ".html":
        names = [source.name for source in sources]
        maps.write_html(points, names, labels, path, title, "Colours are folders.")
    else:
        from voicevae import verb_plots

        verb_plots.points(points, labels, path, title)
