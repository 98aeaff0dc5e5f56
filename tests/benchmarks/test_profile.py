from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import voicevae
from benchmarks import profile
from voicevae import audio


def test_each_part_is_timed_and_the_functions_are_put_back(
    small_bundle: Path, vowel: Callable[..., np.ndarray]
) -> None:
    before, vv = audio.load, voicevae.load(small_bundle)
    found = profile.profile(vv, vowel(), runs=1)
    assert audio.load is before
    assert set(found) == {"convert", "modulate"}
    assert {part for part, _, _ in profile.PARTS} <= set(found["convert"])
    assert not any(part.startswith("networks") for part in found["modulate"])
    lines = profile.table(found).splitlines()
    assert lines[-2].startswith("| total | ") and len(lines) == len({part for part, _, _ in profile.PARTS}) + 5


def test_the_time_of_a_part_is_without_that_of_what_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 4.0, 5.0])
    monkeypatch.setattr(profile.time, "process_time", lambda: next(now))
    clock = profile.Clock()
    with clock.part("whole"), clock.part("part"):
        pass
    assert clock.seconds == {"part": 3.0, "whole": 2.0}
