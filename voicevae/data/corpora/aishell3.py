"""AISHELL-3 (Shi et al., Interspeech 2021): Mandarin.

Held out as "dev" are the speakers whom only the published test set has; what the test set has of the training set's
speakers is "test".
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, Sound, lines, sounds, utterance


def aishell3(folder: Path) -> Found:
    """`folder` holds train/ and test/, each with wav/<speaker>/<utterance>.wav and content.txt, and spk-info.txt."""
    found, skipped = sounds(folder, r"(?P<part>train|test)/wav/(?P<speaker>SSB\d{4})/(?P<name>SSB\d{8})\.wav")
    said = {line[1]: line[2].split() for _, line in lines(folder, "*/content.txt", r"(\w+)\.wav\t(\S.*)")}
    texts = {name: "".join(words[::2]) for name, words in said.items()}  # each character is followed by its pinyin
    genders = {line[1]: line[2] for _, line in lines(folder, "spk-info.txt", r"(SSB\d+)\t[^\t]*\t([fm])\w*\b.*")}
    known = {sound.speaker for sound in found if sound.fields["part"] == "train"}
    utterances = [
        utterance(
            sound,
            _split(sound, known),
            "zh",
            text=texts.get(sound.name, ""),
            gender=genders.get(sound.speaker, ""),
        )
        for sound in found
    ]
    return utterances, skipped


def _split(sound: Sound, known: set[str]) -> str:
    if sound.fields["part"] == "train":
        return "train"
    return "test" if sound.speaker in known else "dev"
