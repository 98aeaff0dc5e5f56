"""Whose recordings are attacked."""

from pathlib import Path

from benchmarks.anonymity import drawn
from voicevae.evaluation.clips import Clip


def test_speakers_of_the_language_with_enough_recordings_have_as_many_each() -> None:
    def clips(name: str, n: int, language: str = "en", seconds: float = 3.0) -> list[Clip]:
        return [Clip(f"{name}-{i}", name, Path("x.wav"), seconds, language=language) for i in range(n)]

    found = drawn(
        [*clips("a", 5), *clips("b", 3), *clips("c", 5, "de"), *clips("d", 4), *clips("e", 9, seconds=1)], "en", 4
    )
    assert sorted(clip.speaker for clip in found) == ["a"] * 4 + ["d"] * 4
    assert len(set(found)) == 8
