"""Words that a change of pitch costs, beside what a user could take instead: character errors by Whisper.

The sources of `voicevae.recipes.curve`, which are read by a recogniser before and after. What a peer costs that changes
nothing but the pitch is what the recogniser makes of another voice, so no edit can be expected to cost much less.
"""

import sys
from collections.abc import Mapping, Sequence

import numpy as np
from tqdm import tqdm

from benchmarks.command import add_corpus, printed
from benchmarks.editing import NAMES, Editor, load, missing
from benchmarks.measures import fitted
from benchmarks.table import table
from voicevae.cli.shared.options import Parser, whole
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import curve
from voicevae.evaluation.study import ACROSS
from voicevae.features import FeatureConfig

SHIFTS = (0.0, 4.0)  # semitones
EXAMPLES = """\
examples:
  python -m benchmarks.words --corpus recordings/ --recogniser base"""
Errors = Mapping[str, np.ndarray]


def measure(clips: Sequence[Clip], editors: Mapping[str, Editor], transcriber: Transcriber, rate: int) -> Errors:
    """CER added, `[clips, len(SHIFTS)]`, by editor."""
    found = {name: np.zeros((len(clips), len(SHIFTS))) for name in editors}
    for i, clip in enumerate(tqdm(clips, desc="words", unit="recording", disable=None)):
        wave = clip.load(rate)
        before = transcriber.source(clip, wave, rate)
        for name, editor in editors.items():
            for k, semitones in enumerate(SHIFTS):
                made = fitted(editor(wave, semitones, 1.0), len(wave))
                found[name][i, k] = transcriber.made(clip, made, rate) - before
    return found


def document(clips: Sequence[Clip], found: Errors) -> str:
    """The table, in Markdown: of all clips, and of each corpus."""
    corpora = sorted({clip.corpus for clip in clips})
    groups = {"all": np.ones(len(clips), bool)} | {c: np.array([clip.corpus == c for clip in clips]) for c in corpora}
    head = ["CER added", *(f"{s:+g} st, {name}" if s else f"copy, {name}" for s in SHIFTS for name in groups)]
    means = {
        name: [one[own, k].mean() for k in range(len(SHIFTS)) for own in groups.values()] for name, one in found.items()
    }
    rows = [[name, *(f"{value:.3f}" for value in values)] for name, values in means.items()]
    counts = ", ".join(f"{own.sum()} of {name}" for name, own in groups.items() if name != "all")
    return f"{len(clips)} recordings: {counts}.\n\n{table(head, rows)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog="python -m benchmarks.words", description=__doc__, epilog=EXAMPLES)
    add_corpus(parser)
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default $VOICEVAE_WHISPER)")
    parser.add_argument("--clips", type=whole(1, 10000), default=ACROSS, metavar="N", help=f"(default: {ACROSS})")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="S", help="draws them (default: 0)")
    args = parser.parse_args(argv)

    def text() -> str:
        plan = Plan(args.corpus, args.split, pairs=args.clips, seed=args.seed, recogniser=args.recogniser)
        config, absent, transcriber = FeatureConfig(), missing(), curve.transcriber(plan)
        clips = [pair.source for pair in curve.pairs(plan)]
        editors = {name: load(name, config) for name in NAMES if name not in absent}
        found = document(clips, measure(clips, editors, transcriber, config.sample_rate))
        return "\n\n".join([found, *(f"Absent: {name}." for name in absent)])

    return printed(text)


if __name__ == "__main__":
    sys.exit(main())
