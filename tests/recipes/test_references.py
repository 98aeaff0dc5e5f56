"""Which recordings show a target, and how much of them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.clips import Clip
from voicevae.recipes.references import cut, draw

RATE = 16000


def clips(lengths: dict[str, list[float]]) -> list[Clip]:
    return [Clip(f"{name}-{i}", name, Path("x.wav"), s) for name, own in lengths.items() for i, s in enumerate(own)]


def test_who_stands_for_the_target_does_not_show_it() -> None:
    drawn = draw(clips({"a": [3.0] * 6, "b": [2.5, 9.0, 4.0, 4.0], "c": [3.0, 3.0]}), 20, 10.0, 0)
    assert {pair.target for pair, _ in drawn} == {"a", "b"}  # c has too few seconds
    for pair, shown in drawn:
        assert pair.others[0] not in shown and pair.source.speaker != pair.target
        assert sum(clip.duration_s for clip in shown) >= 10.0


def test_without_enough_of_anybody_that_is_said() -> None:
    with pytest.raises(VoiceVAEError, match="No speaker has 30 s"):
        draw(clips({"a": [9.0, 9.0], "b": [5.0]}), 2, 30.0, 0)


def test_the_last_recording_is_cut(tmp_path: Path) -> None:
    path, wave = tmp_path / "x.wav", np.random.default_rng(0).normal(0, 0.1, 4 * RATE).astype(np.float32)
    soundfile.write(path, wave, RATE, subtype="FLOAT")
    clips = [Clip(str(i), "a", path, 4.0) for i in range(3)]
    waves = cut(clips, 6.5, RATE)
    assert [len(one) for one in waves] == [4 * RATE, 2.5 * RATE]
    assert np.array_equal(waves[1], wave[: int(2.5 * RATE)])
    assert [len(one) for one in cut(clips, 4.5, RATE)] == [4.5 * RATE]  # half a second alone shows no voice
