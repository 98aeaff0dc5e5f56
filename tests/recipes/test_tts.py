"""The examples for TTS engines: espeak-ng becomes as lively as asked and says the same; a mel is handed over."""

from pathlib import Path

import pytest

from egs.tts.espeak_lively import REQUESTS, RISE, Outcome, lively, table
from egs.tts.neural_mel import hand_over


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tts") / "out"


@pytest.fixture(scope="module")
def found(out: Path) -> tuple[list[Outcome], float]:
    return lively(out)


def test_the_standard_deviation_of_log_f0_is_the_one_asked_for(found: tuple[list[Outcome], float]) -> None:
    plain, wide, _ = found[0]
    assert wide.std_asked == 2 * plain.std_asked
    for outcome in (plain, wide):
        assert outcome.std_measured == pytest.approx(outcome.std_asked, rel=0.05)


def test_one_word_rises_by_what_ssml_says(found: tuple[list[Outcome], float]) -> None:
    assert found[0][2].rise == pytest.approx(RISE, abs=0.25)


def test_words_and_time_are_kept(found: tuple[list[Outcome], float]) -> None:
    outcomes, other = found
    for outcome in outcomes:
        assert outcome.content < 0.5 * other, outcome.name
        assert abs(outcome.duration_heard - outcome.duration_asked) < 0.0125


def test_everything_can_be_heard_and_read(out: Path, found: tuple[list[Outcome], float]) -> None:
    assert len(list(out.glob("*.wav"))) == 1 + len(REQUESTS)
    assert all(outcome.name in table(*found) for outcome in found[0])


def test_the_mel_of_a_neural_system_is_spoken_in_time(out: Path) -> None:
    asked, heard = hand_over(out)
    assert abs(asked - heard) < 0.0125 and (out / "neural_mel.wav").stat().st_size > 44
