import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.metrics import whisper

ASKED: list[tuple[np.ndarray, dict[str, Any]]] = []


class Model:
    """Says what it was asked."""

    supported_languages = ["en", "de"]

    def __init__(self, name: str, **options: Any) -> None:
        if name == "small":
            raise OSError("no network\nmore")

    def transcribe(self, wave: np.ndarray, **options: Any) -> tuple[Iterator[SimpleNamespace], None]:
        ASKED.append((wave, options))
        return iter([SimpleNamespace(text=" Hello,"), SimpleNamespace(text=" World 2.")]), None


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(WhisperModel=Model, available_models=lambda: ["base", "small"])
    monkeypatch.setitem(sys.modules, "faster_whisper", fake)
    monkeypatch.delenv(whisper.VARIABLE, raising=False)


def test_letters_and_digits_are_left() -> None:
    assert whisper.plain("It's  GOOD, isn't it?\n2") == "its good isnt it 2"


def test_it_hears_16_khz_greedily_and_in_the_corpus_language() -> None:
    reader = whisper.Whisper("base")
    assert reader.transcribe(3 * np.ones(8000, np.float32), 8000, "de-DE") == "hello world 2"
    wave, options = ASKED[-1]
    assert len(wave) == 16000 and wave.dtype == np.float32 and np.abs(wave).max() <= 1
    assert (options["beam_size"], options["temperature"], options["condition_on_previous_text"]) == (1, 0.0, False)
    assert options["language"] == "de"
    reader.transcribe(wave, 16000)
    assert ASKED[-1][1]["language"] is None


def test_languages_are_known_by_their_codes() -> None:
    reader = whisper.Whisper("base")
    assert reader.knows("de_AT") and reader.knows("") and not reader.knows("tlh")


def test_a_folder_is_one_with_weights(tmp_path: Path) -> None:
    with pytest.raises(VoiceVAEError, match=r"holds no model\.bin"):
        whisper.Whisper(str(tmp_path))
    (tmp_path / whisper.WEIGHTS).touch()
    assert whisper.Whisper(str(tmp_path)).name == tmp_path.name


@pytest.mark.parametrize(("name", "said"), [("sphinx", "choose one of base, small"), ("small", r"no network\)")])
def test_what_cannot_be_had_is_one_sentence(name: str, said: str) -> None:
    with pytest.raises(VoiceVAEError, match=said):
        whisper.Whisper(name)


def test_the_environment_chooses_where_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert whisper.chosen(None) is None
    monkeypatch.setenv(whisper.VARIABLE, "base")
    found = whisper.chosen(None)
    assert found is not None and found.name == "base"
    with pytest.raises(VoiceVAEError, match="sphinx"):
        whisper.chosen("sphinx")
