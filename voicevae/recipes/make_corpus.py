"""Generate a small corpus with espeak-ng: every voice says every sentence in every style.

    python -m voicevae.recipes.make_corpus --out exp/espeak/corpus
    python -m voicevae.recipes.make_corpus --out exp/tiny/corpus --sentences 2

What varies is known, and stands in metadata.csv: the voice, the words, the pitch and its range.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import product
from pathlib import Path

import soxr
from tqdm import tqdm

from voicevae import audio
from voicevae.recipes import command
from voicevae.recipes.espeak import speak

SAMPLE_RATE = 16000
LANGUAGE = "en"
TRAIN = {"m1": "m", "m3": "m", "m7": "m", "ed": "m", "f1": "f", "f2": "f", "f4": "f", "Alicia": "f"}
DEV = {"rob": "m", "steph": "f"}
STYLES = {"flat": (50, 5), "neutral": (50, 50), "lively": (50, 95), "low": (35, 50), "high": (65, 50)}
SENTENCES = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls.",
    "The juice of lemons makes fine punch.",
)  # the first of the Harvard sentences, IEEE Transactions on Audio and Electroacoustics 17, 1969


@dataclass(frozen=True)
class MetadataRow:
    """A line of metadata.csv. `pitch` and `pitch_range` are espeak-ng's settings, `sentence` counts from 0."""

    utt_id: str
    speaker: str
    path: str
    split: str
    text: str
    style: str
    language: str
    gender: str
    sentence: int
    pitch: int
    pitch_range: int


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for <speaker>/<utt>.flac and metadata.csv")
    parser.add_argument(
        "--sentences",
        type=int,
        default=len(SENTENCES),
        choices=range(1, len(SENTENCES) + 1),
        help=f"how many sentences each voice says in each style (default {len(SENTENCES)})",
    )
    args = parser.parse_args(argv)
    command.run(lambda: make_corpus(args.out, args.sentences))


def make_corpus(out: Path, sentences: int = len(SENTENCES)) -> list[MetadataRow]:
    """Write the corpus to the folder `out`; metadata.csv comes last, so that it stands for a whole corpus."""
    plan = list(rows(sentences))
    for row in tqdm(plan, desc="espeak-ng", unit="utterance"):
        path = out / row.path
        path.parent.mkdir(parents=True, exist_ok=True)
        wave, rate = speak(row.text, f"{LANGUAGE}+{row.speaker}", row.pitch, row.pitch_range)
        audio.write(path, soxr.resample(wave, rate, SAMPLE_RATE), SAMPLE_RATE)
    aside = out / ".metadata.csv"
    with open(aside, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(MetadataRow)])
        writer.writeheader()
        writer.writerows(map(asdict, plan))
    os.replace(aside, out / "metadata.csv")
    return plan


def rows(sentences: int) -> Iterator[MetadataRow]:
    """Every combination of voice, style and the first `sentences` sentences."""
    for (speaker, gender), (style, (pitch, pitch_range)), (i, text) in product(
        (TRAIN | DEV).items(), STYLES.items(), enumerate(SENTENCES[:sentences])
    ):
        name = f"{speaker}-{style}-{i}"
        split = "train" if speaker in TRAIN else "dev"
        path = f"{speaker}/{name}.flac"
        yield MetadataRow(name, speaker, path, split, text, style, LANGUAGE, gender, i, pitch, pitch_range)


if __name__ == "__main__":
    main()
