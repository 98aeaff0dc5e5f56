from pathlib import Path

import pytest

from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics import recognition
from voicevae.evaluation.metrics.recognition import Errors, Heard


def test_what_was_said_has_no_errors_whatever_its_case_and_punctuation() -> None:
    assert recognition.errors("It's a book, INDEED.", "it's a book indeed") == Errors(0, 4, 0, 18)


@pytest.mark.parametrize(
    ("heard", "words", "characters"),
    [("the cat sat", 0, 0), ("the cats sat", 1, 1), ("cat sat", 1, 4), ("the cat sat down", 1, 5), ("", 3, 11)],
)
def test_errors_are_counted(heard: str, words: int, characters: int) -> None:
    found = recognition.errors("the cat sat", heard)
    assert (found.words, found.of_words, found.characters, found.of_characters) == (words, 3, characters, 11)


def test_a_text_without_words_raises() -> None:
    with pytest.raises(ValueError, match="no words"):
        recognition.errors("...", "hello")


def clips(n: int) -> list[Clip]:
    return [Clip(f"x{i}", "a", Path("x.wav"), 1.0, text=f"sentence {i % n}") for i in range(2 * n)]


def test_choices_are_different_and_hold_the_right_one_first() -> None:
    found = recognition.choices(clips(30)[3], clips(30), 0)
    assert found[0] == "sentence 3"
    assert len(found) == len(set(found)) == recognition.CHOICES
    assert recognition.choices(clips(5)[0], clips(5), 0)[0] == "sentence 0"
    assert len(recognition.choices(clips(5)[0], clips(5), 0)) == 5


def heard(target: str, source: int, converted: int, chosen: bool = True) -> Heard:
    return Heard(target, Errors(source, 10, source, 40), Errors(converted, 10, converted, 40), True, chosen)


def test_differences_are_pooled_over_words() -> None:
    found = recognition.evaluate([heard("a", 2, 3), heard("b", 0, 1), heard("c", 1, 2, chosen=False)])
    assert found["wer_source"] == pytest.approx(10)
    assert found["dwer"] == pytest.approx(10)
    assert found["dcer"] == pytest.approx(2.5)
    assert found["dwer_interval"] == pytest.approx((10, 10))
    assert (found["chosen_source"], found["chosen"]) == (1, pytest.approx(2 / 3))


def test_an_unchanged_source_loses_nothing() -> None:
    found = recognition.evaluate([heard("a", 4, 4), heard("b", 7, 7)])
    assert (found["dwer"], found["dcer"]) == (0, 0)
