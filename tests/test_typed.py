"""The API is typed: one source gives one result, a list gives a list, and nothing public gives `Any`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type, get_overloads, get_type_hints

import numpy as np
import pytest

import voicevae
from voicevae.code import Code
from voicevae.verbs.score import Score
from voicevae.voice import VoiceVAE

METHODS = [name for name in dir(VoiceVAE) if not name.startswith("_") and callable(getattr(VoiceVAE, name))]
KNOWN = {"np": np, "VoiceVAE": VoiceVAE, "Codec": Any, "Source": Any, "Voice": Any, "One": Any, "Sources": list}
LISTS = ["encode", "decode", "convert", "modulate", "score"]

if TYPE_CHECKING:

    def one_source_gives_one_result(vv: VoiceVAE, wave: np.ndarray, code: Code) -> None:
        """Read by mypy alone."""
        assert_type(vv.encode("a.wav"), Code)
        assert_type(vv.encode(wave), Code)
        assert_type(vv.encode(["a.wav", "b.wav"]), list[Code])
        assert_type(vv.encode([Path("a.wav")]), list[Code])
        assert_type(vv.decode(code), np.ndarray)
        assert_type(vv.decode([code]), list[np.ndarray])
        assert_type(vv.convert("a.wav", voice=["b.wav", "c.wav"]), np.ndarray)
        assert_type(vv.convert([wave, wave], voice="b.wav"), list[np.ndarray])
        assert_type(vv.modulate(wave, 16000, rate=0.9), np.ndarray)
        assert_type(vv.score("a.wav"), Score)


@pytest.mark.parametrize("name", METHODS)
def test_no_public_method_returns_any(name: str) -> None:
    method = getattr(VoiceVAE, name)
    assert get_type_hints(method, localns=KNOWN)["return"] is not Any


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_overloads(name: str) -> None:
    one, several = [
        get_type_hints(method, localns=KNOWN)["return"] for method in get_overloads(getattr(VoiceVAE, name))
    ]
    assert several == list[one]


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(voicevae.__file__).parent / "py.typed").is_file()
