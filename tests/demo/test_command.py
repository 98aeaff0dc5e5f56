"""`voicevae demo`, as far as it goes without being served."""

import importlib
import sys
from typing import Any

import pytest

from voicevae.cli import main
from voicevae.demo import page, speaker_encoder
from voicevae.demo.settings import Settings


def started(monkeypatch: pytest.MonkeyPatch, *words: str) -> Settings:
    """What the page would have been started with."""
    given: list[Settings] = []
    monkeypatch.setattr(page, "run", given.append)
    assert main(["demo", *words]) == 0
    return given[0]


def test_options_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    assert started(monkeypatch) == Settings()
    words = "--host 0.0.0.0 --port 80 --auth me:secret --max-seconds 5 --max-mb 1 --concurrency 3".split()
    wanted = Settings("0.0.0.0", 80, ("me", "secret"), 5.0, 1.0, 3)
    assert started(monkeypatch, *words) == wanted


def test_a_wrong_name_and_password_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--auth", "me"]) == 2
    assert "user:password" in capsys.readouterr().err


def test_without_gradio_the_cure_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "voicevae.demo.page")
    monkeypatch.delattr(importlib.import_module("voicevae.demo"), "page")
    for name in [name for name in sys.modules if name.startswith("voicevae.demo.")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["demo"]) == 2
    assert 'pip install "voicevae[demo]"' in capsys.readouterr().err


def test_without_an_independent_encoder_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise ImportError("resemblyzer")

    monkeypatch.setattr(speaker_encoder, "_resemblyzer", missing)
    assert "flatters" in speaker_encoder.encoder(None)[1]
