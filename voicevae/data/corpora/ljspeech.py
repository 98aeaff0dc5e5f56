"""The LJ Speech Dataset 1.1 (Keith Ito and Linda Johnson, 2017): one woman, 24 hours.

There is no second speaker to hold out, so whole chapters are: LJ003 is "dev", LJ001 and LJ002 are "test", as in
FastSpeech 2 (Ren et al., ICLR 2021, section 3.1).
"""

from pathlib import Path
from typing import Any

from voicevae.data.corpora.layout import Found, sounds, utterance
from voicevae.data.corpora.lhotse_labels import Transcripts, labels

HELD_OUT = {"LJ001": "test", "LJ002": "test", "LJ003": "dev"}


def ljspeech(folder: Path) -> Found:
    """`folder` holds wavs/LJ001-0001.wav, ..., and metadata.csv."""
    found, skipped = sounds(folder, r"wavs/(?P<name>(?P<speaker>LJ)\d{3}-\d{4})\.wav")
    transcripts = Transcripts("metadata.csv", r"([^|]+)\|[^|]*\|[^|]*", "wavs/{0}.wav")
    said = labels(folder, found, _prepare, transcripts)
    utterances = [
        utterance(
            sound,
            HELD_OUT.get(sound.name[:5], "train"),
            "en",
            text=said.texts.get(sound.place, ""),
            gender="f",
        )
        for sound in found
    ]
    return utterances, skipped + said.unread


def _prepare(folder: Path, _: str) -> dict[str, Any]:
    from lhotse.recipes.ljspeech import prepare_ljspeech

    return prepare_ljspeech(folder)
