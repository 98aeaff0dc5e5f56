"""VCTK 0.92 (Yamagishi, Veaux, MacDonald, Edinburgh 2019), the microphone `mic1`, which every speaker has.

Held out as "dev" are the eleven speakers of different accents that SC-GlowTTS (Casanova et al., Interspeech 2021) and
YourTTS (Casanova et al., ICML 2022) test on.
"""

from pathlib import Path
from typing import Any

from voicevae.data.corpora.layout import Found, sounds, utterance
from voicevae.data.corpora.lhotse_labels import Transcripts, labels

HELD_OUT = {"p225", "p234", "p238", "p245", "p248", "p261", "p294", "p302", "p326", "p335", "p347"}
WAVES = "wav48_silence_trimmed"


def vctk(folder: Path) -> Found:
    """`folder` holds wav48_silence_trimmed/<speaker>/<utterance>_mic1.flac, txt/ and speaker-info.txt."""
    name = WAVES + r"/(?P<speaker>[ps]\d+)/(?P<name>(?P=speaker)_\d+)_mic{}\.flac"
    found, skipped = sounds(folder, name.replace("{}", "1"), unused=name.replace("{}", "2"))
    transcripts = Transcripts("txt/*/*.txt", ".*", WAVES + "/{file.parent.name}/{file.stem}_mic1.flac")
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
    from lhotse.recipes.vctk import prepare_vctk

    return prepare_vctk(folder, use_edinburgh_vctk_url=True, mic_id="mic1")
