from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from voicevae.evaluation.clips import Clip
from voicevae.evaluation.document import Report
from voicevae.evaluation.metrics import recognition
from voicevae.evaluation.metrics.recognition import ClipErrors, Errors, Transcriber


def clip(speaker: str = "set/a", text: str = "the cat sat") -> Clip:
    return Clip("x", speaker, Path("x.wav"), 1.0, text=text)


def test_what_was_said_has_no_errors_whatever_its_case_and_punctuation() -> None:
    assert recognition.errors("It's a book, INDEED.", "its a book indeed") == Errors(0, 4, 0, 17)


@pytest.mark.parametrize(
    ("heard", "words", "characters"),
    [("the cat sat", 0, 0), ("the cats sat", 1, 1), ("cat sat", 1, 4), ("the cat sat down", 1, 5), ("", 3, 11)],
)
def test_errors_are_counted(heard: str, words: int, characters: int) -> None:
    found = recognition.errors("the cat sat", heard)
    assert (found.words, found.of_words, found.characters, found.of_characters) == (words, 3, characters, 11)
    assert found.cer == characters / 11


def test_a_recogniser_that_loops_counts_as_one_that_hears_nothing() -> None:
    assert recognition.errors("the cat sat", "yes " * 100).cer == 1


def test_a_text_without_words_raises() -> None:
    with pytest.raises(ValueError, match="no words"):
        recognition.errors("...", "hello")


def test_without_a_text_the_source_is_what_was_said(ears) -> None:
    transcriber, loud = Transcriber(ears("the cat sat")), np.ones(10)
    assert transcriber.source(clip(text=""), loud, 16000) == 0
    assert transcriber.made(clip(text=""), loud, 16000) == 0
    assert transcriber.made(clip(text=""), 0 * loud, 16000) == 1
    assert transcriber.source(clip(text="the dog sat"), loud, 16000) == 3 / 11


def heard(speaker: str, source: float, made: float, text: str = "x") -> ClipErrors:
    return ClipErrors(clip(speaker, text), source, {"a round trip": made})


def test_means_are_over_sentences_and_less_the_sources() -> None:
    found = recognition.evaluate([heard("a", 0.1, 0.2), heard("a", 0.3, 0.4), heard("b", 0.2, 0.3, text="")])
    assert (found["sentences"], found["untold"]) == (3, 1)
    assert found["source"] == pytest.approx(0.2)
    assert found["added"] == {"a round trip": pytest.approx(0.1)}
    assert found["interval"]["a round trip"] is None  # two speakers


def test_an_unchanged_source_loses_nothing(unchanged, harmonic, ears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clip, "load", lambda self, rate: harmonic(150.0, 1.0))
    own = [recognition.clip_errors(unchanged, clip(f"set/{s}"), Transcriber(ears("the cat"))) for s in "abc"]
    found = recognition.evaluate(own)
    assert found["source"] == pytest.approx(4 / 11)
    assert found["added"] == dict.fromkeys(recognition.MADE, 0)
    assert found["interval"]["+4 semitones"] == (0, 0)


def test_targets_stand_in_the_headline_alone() -> None:
    found = recognition.evaluate([heard("a", 0.1, 0.2)])
    sources, added = recognition.rows("across corpora", found, True, "base")
    assert sources.met is None and added.at_most == 0.02 and added.met is False
    assert added.on == "across corpora, 1 sentences; Whisper base"
    assert recognition.rows("set", found, False, "base")[1].met is None


def test_the_unsteadiness_of_the_recogniser_has_no_target() -> None:
    found = recognition.evaluate([ClipErrors(clip("a"), 0.1, {recognition.CONTROL: 0.2})])
    _, added = recognition.rows("across corpora", found, True, "base")
    assert added.figure == "across corpora: CER added by noise at -50 dB" and added.met is None


def test_rows_are_of_languages_and_of_corpora(unchanged, harmonic, ears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clip, "load", lambda self, rate: harmonic(150.0, 1.0))
    pairs = {"en": [SimpleNamespace(source=clip("x/a")), SimpleNamespace(source=clip("y/b"))]}
    pairs["de"] = [SimpleNamespace(source=clip("z/c"))]
    report, plan = Report({}), SimpleNamespace(seed=0)
    of = SimpleNamespace(recogniser=ears("the cat"), across=pairs, vv=unchanged, report=report, plan=plan)
    of.step = lambda: None
    recognition.run(of)
    names = [row.figure for row in report.rows if row.figure.endswith(recognition.SOURCES)]
    assert [name.partition(":")[0] for name in names] == ["across corpora", "across corpora, de", "x", "y", "z"]
