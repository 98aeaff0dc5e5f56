"""The LJ Speech Dataset 1.1 (Keith Ito and Linda Johnson, 2017): one woman, 24 hours.

There is no second speaker to hold out, so whole chapters are: LJ003 is "dev", LJ001 and LJ002 are "test", as in
FastSpeech 2 (Ren et al., ICLR 2021, section 3.1).
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, lines, sounds, utterance

HELD_OUT = {"LJ001": "test", "LJ002": "test", "LJ003": "dev"}


def ljspeech(folder: Path) -> Found:
    """`folder` holds wavs/LJ001-0001.wav, ..., and metadata.csv."""
    found, skipped = sounds(folder, r"wavs/(?P<name>(?P<speaker>LJ)\d{3}-\d{4})\.wav")
    texts = {line[1]: line[2] for _, line in lines(folder, "metadata.csv", r"([^|]+)\|([^|]*)\|[^|]*")}
    utterances = [
        utterance(
            sound,
            HELD_OUT.get(sound.name[:5], "train"),
            "en",
            text=texts.get(sound.name, ""),
            gender="f",
        )
        for sound in found
    ]
    return utterances, skipped
