"""The benchmark of running statistics: a table and a picture of what it found, and speakers that can be enrolled."""

from pathlib import Path

import pytest

from benchmarks import convergence
from benchmarks.convergence import SECONDS, Distance
from voicevae.errors import VoiceVAEError
from voicevae.evaluation.clips import Clip

FOUND = {"cold": [Distance(s, 2.0, 3.0, 0.5) for s in SECONDS], "enrolled": [Distance(0, 0, 0, 0)] * len(SECONDS)}


def clip(speaker: str, number: int) -> Clip:
    return Clip(f"{speaker}{number}", speaker, Path("none.wav"), 1.0)


def test_a_row_a_statistic_and_start() -> None:
    lines = convergence.table(FOUND).splitlines()
    assert len(lines) == 2 + 2 * 4 and {line.count("|") for line in lines} == {len(SECONDS) + 2}
    assert lines[2] == "| level, dB, cold | 1.00 | 2.00 | 5.00 | 10.00 | 20.00 |"


def test_the_picture_is_written(tmp_path: Path) -> None:
    convergence.plot(FOUND, tmp_path / "found.png")
    assert (tmp_path / "found.png").read_bytes().startswith(b"\x89PNG")


def test_speakers_are_those_with_the_most_recordings() -> None:
    clips = [clip("a", 0), clip("a", 1), clip("b", 0), clip("c", 0), clip("c", 1), clip("c", 2)]
    assert [[one.id for one in own] for own in convergence.chosen(clips, 2)] == [["c0", "c1", "c2"], ["a0", "a1"]]


def test_without_a_second_recording_it_says_so() -> None:
    with pytest.raises(VoiceVAEError, match="two recordings"):
        convergence.chosen([clip("a", 0)], 1)
