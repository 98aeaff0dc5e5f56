"""Our copies of three corpora, `<corpus>/<speaker>/<utterance>.flac` and metadata.csv, back in their published layout.

    python -m tests.data.original_layout --recordings ../shared/data --out /tmp/original

writes librispeech/, speechocean762/ and emodb/, with links in place of the sound files.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

Row = dict[str, str]


def librispeech(recordings: Path, out: Path, rows: list[Row]) -> None:
    """train-clean-100/, and dev-clean/ with the speakers that our split holds out."""
    genders, lines = {}, defaultdict(list)
    for row in rows:
        part = "train-clean-100" if row["split"] == "train" else "dev-clean"
        speaker, chapter, _ = row["utt_id"].split("-")
        _link(recordings / row["path"], out / part / speaker / chapter / f"{row['utt_id']}.flac")
        lines[out / part / speaker / chapter / f"{speaker}-{chapter}.trans.txt"].append(
            f"{row['utt_id']} {row['text']}"
        )
        genders[speaker] = f"{speaker:<5}| {row['gender'].upper()} | {part:<17}| 25.00 | Nobody"
    for path, text in lines.items():
        _write(path, text)
    _write(out / "SPEAKERS.TXT", [";ID  |SEX| SUBSET           |MINUTES| NAME", *genders.values()])


def speechocean762(recordings: Path, out: Path, rows: list[Row]) -> None:
    """WAVE/, train/ and test/; notes tell the published split of half of the speakers, the others go to train/."""
    tables = defaultdict(dict)
    for row in rows:
        note = dict(pair.split("=") for pair in row["note"].split(";"))
        place = f"WAVE/SPEAKER{row['speaker']}/{row['utt_id']}.WAV"
        _link(recordings / row["path"], out / place)
        for table, key, value in (
            ("wav.scp", row["utt_id"], place),
            ("text", row["utt_id"], row["text"]),
            ("utt2spk", row["utt_id"], row["speaker"]),
            ("spk2gender", row["speaker"], row["gender"]),
            ("spk2age", row["speaker"], note["age"]),
        ):
            tables[out / note.get("split", "train") / table][key] = value
    for path, table in tables.items():
        _write(path, [f"{key}\t{value}" for key, value in table.items()])


def emodb(recordings: Path, out: Path, rows: list[Row]) -> None:
    """wav/, where the names say all."""
    for row in rows:
        _link(recordings / row["path"], out / "wav" / f"{row['utt_id']}.wav")


BUILD: dict[str, Callable[[Path, Path, list[Row]], None]] = {
    "emodb": emodb,
    "librispeech": librispeech,
    "speechocean762": speechocean762,
}


def read_rows(recordings: Path, corpus: str) -> list[Row]:
    """The rows of metadata.csv of one corpus."""
    with open(recordings / "metadata.csv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["corpus"] == corpus]


def _link(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(source.resolve())


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True, help="folder with metadata.csv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three")
    args = parser.parse_args()
    for corpus, build in BUILD.items():
        build(args.recordings, args.out / corpus, read_rows(args.recordings, corpus))


if __name__ == "__main__":
    main()
