"""How well anonymised speech hides, and what it keeps, by the share of the residual that goes along.

    python -m benchmarks.anonymity --corpus recordings/ --recogniser base --residual 0 0.5 1

Prints a Markdown table: the attackers and the words of `voicevae.evaluation.verbs.anonymization`, for speakers of
--split who have enough recordings; the semi-informed attacker learns from speakers of the training split.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

import voicevae
from benchmarks.command import add_corpus, printed
from voicevae.cli.shared.options import Parser
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import study
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips, read_splits
from voicevae.evaluation.document import padded
from voicevae.evaluation.metrics import whisper
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.verbs import anonymization
from voicevae.verbs.anonymous import RESIDUAL

PROGRAM = "python -m benchmarks.anonymity"
OWN, KNOWN, LEAST_S = 4, 64, 2.2
ATTACKERS = ("ignorant", "lazy-informed", "semi-informed")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__)
    add_corpus(parser)
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default: $VOICEVAE_WHISPER)")
    parser.add_argument("--residual", type=float, nargs="+", default=[RESIDUAL], help=f"shares (default: {RESIDUAL})")
    parser.add_argument("--own", type=int, default=OWN, help=f"recordings of each speaker (default: {OWN})")
    parser.add_argument("--known", type=int, default=KNOWN, help=f"recordings to learn from (default: {KNOWN})")
    args = parser.parse_args(argv)
    return printed(lambda: _measured(args))


def drawn(clips: Sequence[Clip], language: str, n: int) -> list[Clip]:
    """`n` recordings of each speaker of a `language` who has so many."""
    long = [clip for clip in clips if clip.duration_s >= LEAST_S and clip.language == language]
    return [clip for own in by_speaker(long).values() if len(own) >= n for clip in draw_clips(own, n, 0)]


def _measured(args: argparse.Namespace) -> str:
    reader = study.load_recogniser(Plan(args.corpus, args.split, recogniser=args.recogniser))
    if isinstance(reader, str):
        raise VoiceVAEError(f"There is nothing to measure, as {reader}. {whisper.HOW}")
    encoder, transcriber, splits = study.speaker_encoder(), Transcriber(reader), read_splits(args.corpus)
    if encoder is None:
        raise VoiceVAEError(f"There is nothing to measure without resemblyzer; {study.EXTRA}")
    own = drawn(splits[args.split], "en", args.own)
    known = drawn(splits["train"], "en", anonymization.PER_KNOWN)[: args.known]
    vv, lines = (
        voicevae.load(),
        [("residual", *(f"EER, {name}, %" for name in ATTACKERS), "CER added", "CER of recordings")],
    )
    with tqdm(total=len(args.residual) * (len(own) + len(known)), desc="anonymity", unit="recording") as bar:
        for share in args.residual:
            attack, utility = anonymization.attacked(vv, own, encoder, transcriber, bar.update, share)
            learned = []
            for clip in known:
                made = anonymization.hidden(vv, clip, anonymization.ENROLMENT, share)
                learned.append(encoder.embed(made, vv.sample_rate))
                bar.update()
            found = anonymization.evaluate(attack, np.stack(learned), [clip.speaker for clip in known], utility)
            eer = [f"{found['eer'][name]:.0f}" for name in ATTACKERS]
            lines.append((f"{share:g}", *eer, f"{found['cer_added']:.3f}", f"{found['cer']:.3f}"))
    return f"{found['speakers']} speakers, {found['trials']} trials, {len(known)} recordings learned from\n\n" + padded(
        lines
    )


if __name__ == "__main__":
    raise SystemExit(main())
