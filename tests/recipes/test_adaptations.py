"""Who is adapted to, by which recordings, and what stands for them."""

from pathlib import Path

from voicevae.evaluation.clips import Clip
from voicevae.recipes.adaptations import draw


def clips(lengths: dict[str, list[float]]) -> list[Clip]:
    return [Clip(f"{name}-{i}", name, Path("x.wav"), s) for name, own in lengths.items() for i, s in enumerate(own)]


def test_what_stands_for_a_target_makes_no_voice_of_it() -> None:
    recordings = clips({"a": [3.0] * 9, "b": [9.0, 4.0, 4.0], "c": [9.0, 3.0]})
    drawn = draw(recordings, 8, 5, 8.0, 0)
    assert {target.pairs[0].target for target in drawn} == {"a", "b"}  # c has 3 s beside the longest
    for target in drawn:
        assert len(target.pairs) == 5 and sum(clip.duration_s for clip in target.shown) >= 8.0
        for pair in target.pairs:
            assert pair.others and not set(pair.others) & set(target.shown)
            assert pair.source.speaker != pair.target
    assert len(draw(recordings, 1, 5, 8.0, 0)) == 1 and draw(recordings, 8, 5, 60.0, 0) == []
