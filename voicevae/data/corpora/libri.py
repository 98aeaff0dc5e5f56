"""LibriSpeech (Panayotov et al., ICASSP 2015), its mini version, and LibriTTS-R (Koizumi et al., Interspeech 2023).

The parts that are there are used: train-* to train on, dev-clean (dev-clean-2 in mini LibriSpeech) as "dev", whose
speakers are in no other part; dev-other and test-* under their own names.
"""

import re
from pathlib import Path
from typing import Any

from voicevae.data.corpora.layout import Found, Sound, read_text, sounds, utterance
from voicevae.data.corpora.lhotse_labels import Transcripts, labels
from voicevae.data.folder import Utterance

PART = r"(?P<part>(?:train|dev|test)-[\w-]+)"
GENDER = r"(\d+)\s*[|\t]\s*([FM])\b.*"  # `14   | F | train-clean-360 ...` in SPEAKERS.TXT, with tabs in speakers.tsv


def librispeech(folder: Path) -> Found:
    """`folder` holds train-clean-100/<speaker>/<chapter>/<utterance>.flac, ..., and SPEAKERS.TXT."""
    found, skipped = sounds(folder, PART + r"/(?P<speaker>\d+)/\d+/(?P<name>[\d-]+)\.flac")
    transcripts = Transcripts("*.trans.txt", r"(\S+)\s+\S.*", "{file.parent}/{0}.flac")
    said = labels(folder, found, _prepare_librispeech, transcripts, _parts(found))
    return _utterances(found, said.texts, _genders(folder / "SPEAKERS.TXT")), skipped + said.unread


def libritts_r(folder: Path) -> Found:
    """`folder` holds train-clean-100/<speaker>/<chapter>/<utterance>.wav, ..., and speakers.tsv."""
    found, skipped = sounds(folder, PART + r"/(?P<speaker>\d+)/\d+/(?P<name>\d+(?:_\d+){3})\.wav")
    transcripts = Transcripts("*.trans.tsv", r"(\S+)\t[^\t]*\t[^\t]*", "{file.parent}/{0}.wav")
    said = labels(folder, found, _prepare_libritts_r, transcripts, _parts(found))
    return _utterances(found, said.texts, _genders(folder / "speakers.tsv")), skipped + said.unread


def _prepare_librispeech(folder: Path, part: str) -> dict[str, Any]:
    from lhotse.recipes.librispeech import prepare_librispeech

    return prepare_librispeech(folder, dataset_parts=part.rstrip("/"))


def _prepare_libritts_r(folder: Path, part: str) -> dict[str, Any]:
    from lhotse.recipes.libritts import prepare_librittsr

    return prepare_librittsr(folder, dataset_parts=part.rstrip("/"))


def _parts(found: list[Sound]) -> list[str]:
    return sorted({f"{sound.fields['part']}/" for sound in found})


def _utterances(found: list[Sound], texts: dict[str, str], genders: dict[str, str]) -> list[Utterance]:
    return [
        utterance(
            sound,
            _split(sound.fields["part"]),
            "en",
            text=texts.get(sound.place, ""),
            gender=genders.get(sound.speaker, ""),
        )
        for sound in found
    ]


def _split(part: str) -> str:
    if part.startswith("train"):
        return "train"
    return "dev" if part.startswith("dev-clean") else part


def _genders(table: Path) -> dict[str, str]:
    rows = (re.fullmatch(GENDER, line) for line in read_text(table).splitlines())
    return {row[1]: row[2].lower() for row in rows if row}
