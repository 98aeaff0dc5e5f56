"""Words after a change of pitch, beside peers."""

from pathlib import Path

import numpy as np
import soundfile

from benchmarks import words
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics.recognition import Transcriber


class Loud:
    """Understands what is loud."""

    name = "loud"

    def transcribe(self, wave: np.ndarray, sample_rate: int, language: str = "") -> str:
        return "some words" if abs(wave).max() > 0.5 else ""

    def knows(self, language: str) -> bool:
        return True


def test_who_mutes_a_recording_costs_all_of_its_words(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.sin(np.arange(1600)), 16000)
    clips = [
        Clip(f"{corpus}{i}", f"{corpus}/s", tmp_path / "a.wav", 0.1, text="some words")
        for corpus in "ab"
        for i in (1, 2)
    ]
    editors = {
        "keeps": lambda wave, semitones, rate: wave,
        "mutes": lambda wave, semitones, rate: wave * (semitones == 0),
    }
    found = words.measure(clips, editors, Transcriber(Loud()), 16000)
    assert not found["keeps"].any()
    assert found["mutes"].tolist() == [[0, 1]] * 4
    text = words.document(clips, found)
    assert text.startswith("4 recordings: 2 of a, 2 of b.") and "| mutes | 0.000 | 0.000 | 0.000 | 1.000 |" in " ".join(
        text.split()
    )
