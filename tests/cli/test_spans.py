"""Edits of spans from the command line: as from Python, and one sentence where they cannot be."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run
from voicevae import Edit
from voicevae.voice import VoiceVAE

MARKS = [{"start_s": 0.1, "end_s": 0.2, "energy_db": 3}, {"start_s": 0.25, "end_s": 0.4, "rate": 0.5}]
WORDS = [{"word": "Not", "start_s": 0.05, "end_s": 0.2}, {"word": "so.", "start_s": 0.2, "end_s": 0.38}]


@pytest.fixture
def edited(run: Run) -> Run:
    """f(command) -> what it says when it writes out.wav, in a folder with marks.json, words.json and text.ssml."""
    write("marks.json", MARKS)
    write("words.json", WORDS)
    Path("text.ssml").write_text('<prosody pitch="+2st">Not</prosody> <break/>so.', encoding="utf-8")

    def run_one(command: str, *, status: int = 0) -> str:
        said = run(f"{command} -o out.wav --no-watermark", status=status)
        assert Path("out.wav").exists() == (status == 0)
        return said

    return run_one


def write(name: str, value: Any) -> None:
    Path(name).write_text(json.dumps(value), encoding="utf-8")


def sound() -> np.ndarray:
    return sf.read("out.wav", dtype="float32")[0]


def test_marks_are_those_of_python(edited: Run, vv: VoiceVAE) -> None:
    edited("modulate a.wav --marks marks.json --pitch 1")
    marks = [(0.1, 0.2, Edit(energy_db=3)), (0.25, 0.4, Edit(rate=0.5))]
    expected = vv.modulate("a.wav", pitch_semitones=1, marks=marks)
    assert len(expected) == round(0.75 * RATE)
    np.testing.assert_allclose(sound(), expected, atol=2 / 2**15)


def test_ssml_is_read_and_what_it_leaves_out_is_named(edited: Run, vv: VoiceVAE) -> None:
    assert "<break>" in edited("modulate a.wav --ssml text.ssml --timings words.json")
    expected = vv.modulate("a.wav", marks=[(0.05, 0.2, Edit(pitch_semitones=2))])
    np.testing.assert_allclose(sound(), expected, atol=2 / 2**15)


def test_another_voice_takes_marks_too(edited: Run, vv: VoiceVAE) -> None:
    edited("convert a.wav --voice a.wav --marks marks.json")
    assert len(sound()) == round(0.75 * RATE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([{"start_s": 0.1, "end_s": 0.1}], "is empty or reversed"),
        ([{"start_s": 0.1, "end_s": 0.9}], "give seconds from 0 to 0.6"),
        ([{"start_s": 0.1, "end_s": 0.3}, {"start_s": 0.2, "end_s": 0.4}], "overlap"),
        ([{"start_s": 0.1, "end_s": float("nan")}], "give seconds from 0 to 0.6"),
        ([{"start_s": 0.1, "end_s": 0.2, "rate": 9}], "marks.json, entry 1: rate is 9; give a number from 0.25 to 4"),
        ([{"start_s": 0.1, "end_s": 0.2, "volume": 9}], "entry 1 has the fields start_s, end_s, volume; known are"),
        ([{"start_s": 0.1}], "entry 1 has the fields start_s; known are start_s, end_s, pitch_semitones"),
        ({"start_s": 0.1}, "holds no list of objects"),
    ],
)
def test_marks_that_are_none_are_one_sentence(edited: Run, content: Any, says: str) -> None:
    write("marks.json", content)
    said = edited("modulate a.wav --marks marks.json", status=2)
    assert says in said and sum("voicevae:" in line for line in said.splitlines()) == 1 and "Traceback" not in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--marks none.json", "none.json cannot be read"),
        ("--marks text.ssml", "text.ssml is not JSON"),
        ("--marks a.wav", "a.wav is not text"),
        ("--ssml text.ssml", "--ssml needs --timings"),
        ("--timings words.json", "--timings needs --ssml"),
        ("--ssml marks.json --timings words.json", "give timings of the same words"),
        ("--ssml text.ssml --timings marks.json", "marks.json, entry 1 has the fields"),
    ],
)
def test_files_that_cannot_be_used_are_one_sentence(edited: Run, options: str, says: str) -> None:
    assert says in edited(f"modulate a.wav {options}", status=2)


def test_marks_hold_for_one_recording(edited: Run) -> None:
    Path("out.wav").unlink(missing_ok=True)
    assert "--marks holds for one recording" in edited("modulate a.wav a.wav --marks marks.json", status=2)
    assert "--marks holds for one recording" in edited("modulate a.wav --marks marks.json --workers 2", status=2)
