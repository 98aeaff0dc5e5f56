"""AISHELL-3 (Shi et al., Interspeech 2021): Mandarin.

Held out as "dev" are the speakers whom only the published test set has; what the test set has of the training set's
speakers is "test".
"""

from pathlib import Path
from typing import Any

from voicevae.data.corpora.layout import Found, Sound, sounds, utterance
from voicevae.data.corpora.lhotse_labels import Transcripts, labels


def aishell3(folder: Path) -> Found:
    """`folder` holds train/ and test/, each with wav/<speaker>/<utterance>.wav and content.txt, and spk-info.txt."""
    found, skipped = sounds(folder, r"(?P<part>train|test)/wav/(?P<speaker>SSB\d{4})/(?P<name>SSB\d{8})\.wav")
    transcripts = Transcripts("content.txt", r"(\w+)\.wav\t\S.*", "{file.parent}/wav/{0:.7}/{0}.wav")
    said = labels(folder, found, _prepare, transcripts)
    known = {sound.speaker for sound in found if sound.fields["part"] == "train"}
    utterances = [
        utterance(
            sound,
            _split(sound, known),
            "zh",
            text=said.texts.get(sound.place, ""),
            gender=said.genders.get(sound.speaker, ""),
        )
        for sound in found
    ]
    return utterances, skipped + said.unread


def _split(sound: Sound, known: set[str]) -> str:
    if sound.fields["part"] == "train":
        return "train"
    return "test" if sound.speaker in known else "dev"


def _prepare(folder: Path, _: str) -> dict[str, Any]:
    from lhotse.recipes.aishell3 import prepare_aishell3

    return prepare_aishell3(folder)
