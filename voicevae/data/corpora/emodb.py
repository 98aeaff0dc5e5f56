"""The Berlin Database of Emotional Speech (Burkhardt, Paeschke, Rolfes, Sendlmeier, Weiss, Interspeech 2005): German.

No split is published. Held out as "dev" are a man and a woman, 12 and 13, on whom the shipped bundle
was not trained either.
"""

from pathlib import Path

from voicevae.data.corpora.layout import Found, sounds, utterance

HELD_OUT = {"12", "13"}
WOMEN = {"08", "09", "13", "14", "16"}
STYLES = {
    "W": "anger",  # Wut
    "L": "boredom",  # Langeweile
    "E": "disgust",  # Ekel
    "A": "fear",  # Angst
    "F": "happiness",  # Freude
    "T": "sadness",  # Trauer
    "N": "neutral",
}
TEXTS = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}


def emodb(folder: Path) -> Found:
    """`folder` holds wav/03a01Wa.wav, ...: speaker, sentence, emotion, version."""
    layout = r"(?:wav/)?(?P<name>(?P<speaker>\d\d)(?P<text>[ab]\d\d)(?P<style>[WLEAFTN])[a-z])\.wav"
    found, skipped = sounds(folder, layout)
    utterances = [
        utterance(
            sound,
            "dev" if sound.speaker in HELD_OUT else "train",
            "de",
            text=TEXTS.get(sound.fields["text"], ""),
            style=STYLES[sound.fields["style"]],
            gender="f" if sound.speaker in WOMEN else "m",
        )
        for sound in found
    ]
    return utterances, skipped
