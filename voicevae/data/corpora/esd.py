"""The Emotional Speech Dataset, ESD (Zhou, Sisman, Liu, Li, Speech Communication 2022): Mandarin and English.

The published split is one of sentences: of each speaker's 350 in an emotion the first 20 are "evaluation", the next 30
"test". Besides, the last woman and the last man of each language are held out as "dev", all their sentences.
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, Sound, read_text, sounds, utterance

HELD_OUT = {"0009", "0010", "0019", "0020"}
WOMEN = {"0001", "0002", "0003", "0007", "0009", "0015", "0016", "0017", "0018", "0019"}
LAST_MANDARIN = "0010"
STYLES = {"Angry": "anger", "Happy": "happiness", "Neutral": "neutral", "Sad": "sadness", "Surprise": "surprise"}
SENTENCES, EVALUATION, TEST = 350, 20, 50


def esd(folder: Path) -> Found:
    """`folder` holds <speaker>/<Emotion>/<utterance>.wav, or these in train/, evaluation/ and test/ of the emotion, and
    <speaker>/<speaker>.txt, in several encodings."""
    layout = r"(?P<speaker>\d{4})/(?P<style>" + "|".join(STYLES) + r")/(?:train/|evaluation/|test/)?"
    found, skipped = sounds(folder, layout + r"(?P<name>(?P=speaker)_\d{6})\.wav")
    texts: dict[str, str] = {}
    for speaker in sorted({sound.speaker for sound in found}):
        texts |= _texts(folder / speaker / f"{speaker}.txt")
    utterances = [
        utterance(
            sound,
            _split(sound),
            "zh" if sound.speaker <= LAST_MANDARIN else "en",
            text=texts.get(sound.name, ""),
            style=STYLES[sound.fields["style"]],
            gender="f" if sound.speaker in WOMEN else "m",
        )
        for sound in found
    ]
    return utterances, skipped


def _texts(table: Path) -> dict[str, str]:
    """Of lines `0011_000001<tab>The nine the eggs, I keep.<tab>Neutral`."""
    rows = (line.strip().split("\t") for line in read_text(table).splitlines())
    return {row[0].strip(): row[1].strip() for row in rows if len(row) > 1}


def _split(sound: Sound) -> str:
    if sound.speaker in HELD_OUT:
        return "dev"
    number = (int(sound.name[5:]) - 1) % SENTENCES
    if number < EVALUATION:
        return "evaluation"
    return "test" if number < TEST else "train"
