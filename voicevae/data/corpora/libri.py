"""LibriSpeech (Panayotov et al., ICASSP 2015), its mini version, and LibriTTS-R (Koizumi et al., Interspeech 2023).

The parts that are there are used: train-* to train on, dev-clean (dev-clean-2 in mini LibriSpeech) as "dev", whose
speakers are in no other part; dev-other and test-* under their own names.
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, Sound, lines, sounds, utterance
from voicevae.data.folder import Utterance

PART = r"(?P<part>(?:train|dev|test)-[\w-]+)"
GENDER = r"(\d+)\s*[|\t]\s*([FM])\b.*"  # `14   | F | train-clean-360 ...` in SPEAKERS.TXT, with tabs in speakers.tsv


def librispeech(folder: Path) -> Found:
    """`folder` holds train-clean-100/<speaker>/<chapter>/<utterance>.flac, ..., and SPEAKERS.TXT."""
    found, skipped = sounds(folder, PART + r"/(?P<speaker>\d+)/\d+/(?P<name>[\d-]+)\.flac")
    texts = {line[1]: line[2] for _, line in lines(folder, "**/*.trans.txt", r"(\S+)\s+(\S.*)")}
    return _utterances(found, texts, _genders(folder, "SPEAKERS.TXT")), skipped


def libritts_r(folder: Path) -> Found:
    """`folder` holds train-clean-100/<speaker>/<chapter>/<utterance>.wav, ..., and speakers.tsv."""
    found, skipped = sounds(folder, PART + r"/(?P<speaker>\d+)/\d+/(?P<name>\d+(?:_\d+){3})\.wav")
    normalised = {line[1]: line[2] for _, line in lines(folder, "**/*.trans.tsv", r"(\S+)\t[^\t]*\t([^\t]*)")}
    return _utterances(found, normalised, _genders(folder, "speakers.tsv")), skipped


def _utterances(found: list[Sound], texts: dict[str, str], genders: dict[str, str]) -> list[Utterance]:
    return [
        utterance(
            sound,
            _split(sound.fields["part"]),
            "en",
            text=texts.get(sound.name, ""),
            gender=genders.get(sound.speaker, ""),
        )
        for sound in found
    ]


def _split(part: str) -> str:
    if part.startswith("train"):
        return "train"
    return "dev" if part.startswith("dev-clean") else part


def _genders(folder: Path, table: str) -> dict[str, str]:
    return {line[1]: line[2].lower() for _, line in lines(folder, table, GENDER)}
