"""CML-TTS (Oliveira et al., TSD 2023; OpenSLR 146): audiobooks in seven languages, one folder a language.

The published split's development and test speakers are "dev" and "test"; who is in the training set, too, is "test".
"""

import re
from pathlib import Path

from voicevae.data.corpora.layout import Found, lines, sounds, utterance

LANGUAGES = {
    "dutch": "nl",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "polish": "pl",
    "portuguese": "pt",
    "spanish": "es",
}
# wav_filename|wav_filesize|transcript|transcript_wav2vec|levenshtein|duration|num_words|client_id
ROW = r"(\S+\.wav)\|\d*\|([^|]*)\|.*\|\w+"


def cml_tts(folder: Path) -> Found:
    """`folder`, cml_tts_dataset_<language>_v0.1, holds train.csv, dev.csv, test.csv and
    train/audio/<speaker>/<book>/<speaker>_<book>_<number>.wav, ..."""
    layout = r"(?P<part>train|dev|test)/audios?/(?P<speaker>\d+)/(?:\d+/)?(?P<name>\d+_\d+_\d+)\.wav"
    found, skipped = sounds(folder, layout)
    texts = {Path(line[1]).stem: line[2] for _, line in lines(folder, "*.csv", ROW)}
    told = re.search("dataset_([a-z]+)", folder.name)
    language = LANGUAGES.get(told[1], "") if told else ""
    known = {sound.speaker for sound in found if sound.fields["part"] == "train"}

    def split(part: str, speaker: str) -> str:
        return "test" if part != "train" and speaker in known else part

    return [
        utterance(sound, split(sound.fields["part"], sound.speaker), language, text=texts.get(sound.name, ""))
        for sound in found
    ], skipped
