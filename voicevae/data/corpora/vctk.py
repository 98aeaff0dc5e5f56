"""VCTK 0.92 (Yamagishi, Veaux, MacDonald, Edinburgh 2019), the microphone `mic1`, which every speaker has.

Held out as "dev" are the eleven speakers of different accents that SC-GlowTTS (Casanova et al., Interspeech 2021) and
YourTTS (Casanova et al., ICML 2022) test on.
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, lines, sounds, utterance

HELD_OUT = {"p225", "p234", "p238", "p245", "p248", "p261", "p294", "p302", "p326", "p335", "p347"}
WAVES = "wav48_silence_trimmed"


def vctk(folder: Path) -> Found:
    """`folder` holds wav48_silence_trimmed/<speaker>/<utterance>_mic1.flac, txt/ and speaker-info.txt."""
    name = WAVES + r"/(?P<speaker>[ps]\d+)/(?P<name>(?P=speaker)_\d+)_mic{}\.flac"
    found, skipped = sounds(folder, name.replace("{}", "1"), unused=name.replace("{}", "2"))
    texts = {place.stem: line[0] for place, line in lines(folder, "txt/*/*.txt", ".+")}
    genders = {line[1]: line[2].lower() for _, line in lines(folder, "speaker-info.txt", r"(\w+)\s+\d+\s+([FM])\b.*")}
    utterances = [
        utterance(
            sound,
            "dev" if sound.speaker in HELD_OUT else "train",
            "en",
            text=texts.get(sound.name, ""),
            gender=genders.get(sound.speaker, ""),
        )
        for sound in found
    ]
    return utterances, skipped
