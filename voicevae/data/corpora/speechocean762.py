"""speechocean762 (Zhang et al., Interspeech 2021; OpenSLR 101): English with a Mandarin accent, half of it by children.

The published test set's speakers, who are not in the training set, are "dev".
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, read_text
from voicevae.data.folder import Skipped, Utterance, sound_files
from voicevae.errors import CorpusError
from voicevae.names import shown

SPLITS = {"train": "train", "test": "dev"}


def speechocean762(folder: Path) -> Found:
    """`folder` holds WAVE/SPEAKER<speaker>/<utterance>.WAV, and train/ and test/ with wav.scp, text, utt2spk, ..."""
    utterances = [utterance for part in SPLITS for utterance in _part(folder, part)]
    if not utterances:
        raise CorpusError(f"{folder} has neither train/wav.scp nor test/wav.scp; give the unpacked speechocean762.")
    listed = {u.path for u in utterances}
    files, skipped = sound_files(folder)
    skipped += [Skipped(shown(p), "unlisted", "No wav.scp lists it.") for p in files if p not in listed]
    return utterances, skipped


def _part(folder: Path, part: str) -> list[Utterance]:
    names = ("text", "utt2spk", "spk2gender", "spk2age")
    texts, speakers, genders, ages = (_table(folder / part / name) for name in names)
    utterances = []
    for name, place in _table(folder / part / "wav.scp").items():
        speaker = speakers.get(name) or Path(place).parent.name.removeprefix("SPEAKER")
        utterances.append(
            Utterance(
                f"{speaker}-{name}",
                folder / place,
                speaker,
                split=SPLITS[part],
                text=texts.get(name, ""),
                language="en",
                gender=genders.get(speaker, "")[:1].lower(),
                note=f"age={ages[speaker]}" if ages.get(speaker) else "",
            )
        )
    return utterances


def _table(path: Path) -> dict[str, str]:
    """A table of Kaldi's: a name, and after it, perhaps, a value."""
    rows = (line.split(maxsplit=1) for line in read_text(path).splitlines() if line.strip())
    return {row[0]: row[1].strip() if len(row) > 1 else "" for row in rows}
