"""`voicevae search` asks, does what Python does, and can be gone on with."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from tests.cli.conftest import Run
from voicevae.verbs.search import Search
from voicevae.voice import VoiceVAE

COMMAND = "search a.wav -o mine.voice --seed 2 --gender male"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def answered(vv: VoiceVAE, *answers: str) -> Search:
    search = vv.search(2, gender="male")
    for answer in answers:
        search.choose(answer)
    return search


def assert_near(one: voicevae.Speaker, two: voicevae.Speaker) -> None:
    np.testing.assert_allclose(one.z, two.z, atol=1e-4)
    assert one.log_f0_mean == pytest.approx(two.log_f0_mean, abs=1e-4)


def test_answers_that_are_piped_give_what_python_gives(run: Run, vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "u\na\nb\nu\nwhat\n=\n")
    said = run(COMMAND)
    assert "no choice to take back" in said and "'what' is none of a, b, =, u, q" in said
    assert "after 2 choices" in said
    assert_near(vv.speaker("mine.voice"), answered(vv, "a", "same").best())
    assert sorted(path.name for path in Path("search").iterdir()) == ["a.wav", "b.wav", "best.wav"]
    assert sf.info("search/a.wav").frames == sf.info("a.wav").frames


def test_a_session_is_gone_on_with(run: Run, vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("a\nq\n", "b\nq\n"):
        typed(monkeypatch, text)
        run(f"{COMMAND} --session mine.json")
    assert_near(vv.speaker("mine.voice"), answered(vv, "a", "b").best())
