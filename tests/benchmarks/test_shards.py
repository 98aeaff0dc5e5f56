"""The benchmark's shards are read as those of a corpus are, by both trainings."""

from pathlib import Path

import pytest

from benchmarks.shards import KINDS, _draw, _held, _sharded, generate, repeat
from voicevae.data import shards


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One shard of a minute under three names, in `many`, and its manifest beside it."""
    folder = tmp_path_factory.mktemp("benchmark")
    cuts = generate(folder, 1 / 60)
    repeat(folder / "one", shards.write(cuts, folder / "one", 1.0, sample_rate=16000), folder / "many", 3)
    cuts.to_file(folder / "cuts.jsonl.gz")
    return folder


def test_one_shard_stands_for_many(folder: Path) -> None:
    one, many = (shards.read(folder / name)[0] for name in ("one", "many"))
    assert (one.n_shards, many.n_shards) == (1, 3) and many.frames == 3 * one.frames == 3 * 60 * 80
    assert [cut.id for cut in shards.load(folder / "many", 2, True)] == [
        cut.id for cut in shards.load(folder / "one", 0)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_has_the_size_of_what_training_reads(folder: Path, kind: str) -> None:
    one, two = _sharded(kind, folder / "many").batch(0), _held(kind, folder / "cuts.jsonl.gz").batch(0)
    assert one["frames"].shape == two["frames"].shape and len(one["frames"]) == 16
    found = _draw(kind, folder / "many", 2)
    assert found.windows_s > 0 and found.memory_mb >= 0
