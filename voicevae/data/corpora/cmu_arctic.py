"""CMU ARCTIC (Kominek and Black, 2004): up to eighteen speakers who read the same 1132 sentences.

Held out as "dev" are slt and rms, the usual targets of parallel conversion (Huang et al., Voice Transformer Network,
Interspeech 2020); their sentences are everybody's, so that a conversion can be compared with the target's own reading.
"""

from pathlib import Path

from lhotse.recipes.cmu_arctic import GENDER_MAP

from voicevae.data.corpora.layout import Found, lines, sounds, utterance

HELD_OUT = {"slt", "rms"}


def cmu_arctic(folder: Path) -> Found:
    """`folder` holds cmu_us_<speaker>_arctic/wav/arctic_a0001.wav, ..., each with its etc/txt.done.data."""
    speaker = r"cmu_us_(?P<speaker>[a-z]+)_arctic[^/]*"
    found, skipped = sounds(folder, speaker + r"/wav/(?P<name>arctic_[ab]\d+)\.wav", unused=speaker + "/(?!wav/).*")
    texts = {
        f"{place.parent.parent}/wav/{line[1]}.wav": line[2].replace('"', "")
        for place, line in lines(folder, "*/etc/txt.done.data", r"\( (\S+) (.*\S.*) \)")
    }
    utterances = [
        utterance(
            sound,
            "dev" if sound.speaker in HELD_OUT else "train",
            "en",
            text=texts.get(sound.place, ""),
            gender=GENDER_MAP.get(sound.speaker, "")[:1],
        )
        for sound in found
    ]
    return utterances, skipped
