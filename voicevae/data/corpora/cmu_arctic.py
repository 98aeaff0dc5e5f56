"""CMU ARCTIC (Kominek and Black, 2004): up to eighteen speakers who read the same 1132 sentences.

Held out as "dev" are slt and rms, the usual targets of parallel conversion (Huang et al., Voice Transformer Network,
Interspeech 2020); their sentences are everybody's, so that a conversion can be compared with the target's own reading.
"""

from pathlib import Path
from typing import Any

from voicevae.data.corpora.layout import Found, sounds, utterance
from voicevae.data.corpora.lhotse_labels import Transcripts, labels

HELD_OUT = {"slt", "rms"}


def cmu_arctic(folder: Path) -> Found:
    """`folder` holds cmu_us_<speaker>_arctic/wav/arctic_a0001.wav, ..., each with its etc/txt.done.data."""
    speaker = r"cmu_us_(?P<speaker>[a-z]+)_arctic[^/]*"
    found, skipped = sounds(folder, speaker + r"/wav/(?P<name>arctic_[ab]\d+)\.wav", unused=speaker + "/(?!wav/).*")
    transcripts = Transcripts("etc/txt.done.data", r"\( (\S+) .*\S.* \)", "{file.parent.parent}/wav/{0}.wav")
    said = labels(folder, found, _prepare, transcripts)
    utterances = [
        utterance(
            sound,
            "dev" if sound.speaker in HELD_OUT else "train",
            "en",
            text=said.texts.get(sound.place, ""),
            gender=said.genders.get(sound.speaker, ""),
        )
        for sound in found
    ]
    return utterances, skipped + said.unread


def _prepare(folder: Path, _: str) -> dict[str, Any]:
    from lhotse.recipes.cmu_arctic import prepare_cmu_arctic

    return prepare_cmu_arctic(folder)
