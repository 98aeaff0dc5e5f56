"""The database of the Voice Conversion Challenge 2020 (Zhao et al., Joint Workshop for the Blizzard Challenge and Voice
Conversion Challenge 2020), both tasks.

The ten target speakers' training sentences are "train". The four source speakers, all their sentences, are "dev": they
are not trained on, though the challenge lets one. What the targets, of task 2 too, say in English for reference, the
evaluation's sentences, is "groundtruth".
"""

import re
from pathlib import Path

from voicevae.data.corpora.layout import Found, Sound, read_text, sounds, utterance

GROUNDTRUTH = "vcc2020_database_groundtruth"
PARTS = ("source", "target_task1", "target_task2", "vcc2020_database_evaluation", GROUNDTRUTH)
LANGUAGES = {"E": "en", "F": "fi", "G": "de", "M": "zh"}  # first letter of an utterance, and of a transcript's file


def vcc2020(folder: Path) -> Found:
    """`folder` holds what the archives hold: source/SEF1/E10001.wav, target_task1/, target_task2/,
    vcc2020_database_evaluation/, vcc2020_database_groundtruth/ and vcc2020_database_transcriptions/."""
    layout = r"(?:.*/)?(?P<part>" + "|".join(PARTS) + r")/(?P<speaker>[ST][EFGM][FM]\d)/(?P<name>[EFGM]\d{5})\.wav"
    found, skipped = sounds(folder, layout)
    texts = _texts(folder)
    utterances = [
        utterance(
            sound,
            _split(sound),
            LANGUAGES[_spoken(sound)[0]],
            text=texts.get(_spoken(sound), ""),
            gender=sound.speaker[2].lower(),
        )
        for sound in found
    ]
    return utterances, skipped


def _split(sound: Sound) -> str:
    if sound.speaker.startswith("S"):
        return "dev"
    return "groundtruth" if sound.fields["part"] == GROUNDTRUTH else "train"


def _spoken(sound: Sound) -> str:
    """The name of what is said: the file is called by the speaker's language, the truth of F30001 is E30001."""
    return f"E{sound.name[1:]}" if sound.fields["part"] == GROUNDTRUTH else sound.name


def _texts(folder: Path) -> dict[str, str]:
    """By name; lines begin with it, or with its number alone, where the file's name tells the language."""
    found = {}
    for table in sorted(folder.rglob("*_transcriptions.txt")):
        language = re.search(r"_([EFGM])[a-z]+_transcriptions", table.name)
        for line in read_text(table).splitlines():
            if match := re.match(r"\W*([EFGM]?)(\d{5})\W+(.*\S)", line):
                letter, number, text = match.groups()
                found[(letter or (language[1] if language else "E")) + number] = text
    return found
