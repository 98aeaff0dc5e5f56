"""`voicevae search` asks, does what Python does, and can be gone on with."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae.cli import main
from voicevae.verbs.search import Search
from voicevae.voice import VoiceVAE

RATE = 16000


@pytest.fixture(scope="module")
def vv() -> VoiceVAE:
    return voicevae.load()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a.wav is a vowel."""
    monkeypatch.chdir(tmp_path)
    time = np.arange(RATE // 3) / RATE
    wave = sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 11))
    sf.write("speech.wav", (0.1 * wave).astype(np.float32), RATE, subtype="FLOAT")
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def answered(vv: VoiceVAE, *answers: str) -> Search:
    search = vv.search(2, gender="male")
    for answer in answers:
        search.choose(answer)
    return search


WORDS = ["search", "speech.wav", "-o", "mine.voice", "--seed", "2", "--gender", "male"]


def same(one: voicevae.Speaker, two: voicevae.Speaker) -> None:
    np.testing.assert_allclose(one.z, two.z, atol=1e-4)
    assert one.log_f0_mean == pytest.approx(two.log_f0_mean, abs=1e-4)


def test_answers_that_are_piped_give_what_python_gives(
    folder: Path, vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "u\na\nb\nu\nwhat\n=\n")
    assert main(WORDS) == 0
    said = "".join(capsys.readouterr())
    assert "no choice to take back" in said and "'what' is none of a, b, =, u, q" in said
    assert "after 2 choices" in said
    search = answered(vv, "a", "same")
    same(vv.speaker("mine.voice"), search.best())
    assert sorted(path.name for path in Path("search").iterdir()) == ["a.wav", "b.wav", "best.wav"]
    assert sf.info("search/a.wav").frames == sf.info("speech.wav").frames


def test_a_session_is_gone_on_with(folder: Path, vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("a\nq\n", "b\nq\n"):
        typed(monkeypatch, text)
        assert main([*WORDS, "--session", "mine.json"]) == 0
    same(vv.speaker("mine.voice"), answered(vv, "a", "b").best())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "mine.wav"], "use one of .voice"),
        (["-o", "mine.voice", "--gender", "child"], "known are female, male"),
        (["-o", "mine.voice", "--like", "nobody.wav"], "nobody.wav does not exist"),
        (["-o", "mine.voice", "--session", "speech.wav"], "speech.wav is not a search"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "speech.wav", *words]) == 2
    found = capsys.readouterr().err
    assert said in found and found.startswith("voicevae: ")
    assert [path.name for path in folder.iterdir()] == ["speech.wav"]
