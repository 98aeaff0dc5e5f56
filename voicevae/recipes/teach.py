"""Teach the content of a trained VAE the words, by what Whisper hears in the training recordings.

    python -m voicevae.recipes.teach --exp exp/mine --recogniser base
    python -m voicevae.recipes.teach --exp exp/mine --recogniser base --minutes 10 --resume

Run it after train_vae and before bundle, which takes what was taught where there is any. Optional: docs/ablation.md
says what it buys. Whisper hears each recording once, an hour of them in about three minutes of one core; what it hears
is kept in exp/mine/data/teacher, 150 MB an hour, and can be deleted afterwards.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from voicevae.errors import EditError, needs
from voicevae.evaluation.metrics import whisper
from voicevae.recipes import command
from voicevae.training import stages
from voicevae.training.whisper_teacher import WhisperTeacher


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ and vae/ in it")
    parser.add_argument("--config", type=Path, help="YAML file with what differs from the defaults")
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default $VOICEVAE_WHISPER)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--minutes", type=command.minutes, metavar="M", help="train so long, after what must be heard")
    args = parser.parse_args(argv)
    command.run(lambda: _teach(args))


def _teach(args: argparse.Namespace) -> None:
    with needs("eval", "teach"):
        found = whisper.chosen(args.recogniser)
    if found is None:
        raise EditError(f"There is no teacher. {whisper.HOW}")
    teacher = WhisperTeacher(found.model, found.name, args.exp / "data" / "teacher" / "positions.npy")
    stages.teach(args.exp, args.config, args.resume, teacher, args.minutes)


if __name__ == "__main__":
    main()
