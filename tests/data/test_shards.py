"""Shards hold the corpus once; batches from them depend on seed and step alone, each of one of its rank's shards."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from lhotse import CutSet, MonoCut, NumpyFilesWriter, SupervisionSegment

from voicevae.data import shards
from voicevae.data.batches import FrameBank, TrainingBatches
from voicevae.data.prepare import load_frames
from voicevae.data.sharded import ShardedBatches
from voicevae.errors import CorpusError
from voicevae.features.statistics import utterance_statistics

N_SPEAKERS, EACH, CHANNELS = 6, 10, 8


def frames_of(speaker: int, utterance: int) -> np.ndarray:
    """`[60 to 69, CHANNELS + 3]`, whose first column tells which utterance it is."""
    random = np.random.default_rng((speaker, utterance))
    n = 60 + utterance
    mel = random.normal(speaker, 1, (n, CHANNELS))
    mel[:, 0] = speaker * EACH + utterance
    return np.column_stack([mel, np.full(n, 5.0), np.ones(n), random.normal(-20, 1, n)]).astype(np.float32)


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory) -> CutSet:
    """Ten utterances of each of six speakers."""
    writer, made = NumpyFilesWriter(tmp_path_factory.mktemp("frames")), []
    for i in range(N_SPEAKERS * EACH):
        speaker, utterance = divmod(i, EACH)
        name, seconds = f"s{speaker}-{utterance}", (59 + utterance) / 80
        cut = MonoCut(name, 0, seconds, 0, [SupervisionSegment(name, name, 0, seconds, speaker=f"s{speaker}")])
        array = writer.store_array(name, frames_of(speaker, utterance), frame_shift=1 / 80, temporal_dim=0)
        made.append(cut.with_custom("frames", array))
    return CutSet.from_cuts(made)


@pytest.fixture(scope="module")
def folder(cuts: CutSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four shards."""
    folder = tmp_path_factory.mktemp("exp") / "shards"
    shards.write(cuts, folder, shard_hours=11 / 3600)
    return folder


def batches(folder: Path, **which: int) -> ShardedBatches:
    return ShardedBatches(folder, 4, 32, 32, seed=1, **which)


def test_every_cut_is_in_one_shard_with_its_frames(cuts: CutSet, folder: Path) -> None:
    made, _ = shards.read(folder)
    parts = [list(shards.load(folder, number)) for number in range(made.n_shards)]
    found = {cut.id: cut for part in parts for cut in part}
    assert sum(map(len, parts)) == len(found) == len(cuts) == made.utterances and made.n_shards >= 4
    for cut in cuts:
        np.testing.assert_array_equal(load_frames(found[cut.id]), load_frames(cut))
        assert found[cut.id].supervisions[0].speaker == cut.supervisions[0].speaker
    assert made.frames == sum(len(load_frames(cut)) for cut in cuts)
    assert made.speakers == [f"s{i}" for i in range(N_SPEAKERS)]


def test_shards_mix_speakers_and_keep_groups_for_references(folder: Path) -> None:
    made, _ = shards.read(folder)
    counts = [Counter(c.supervisions[0].speaker for c in shards.load(folder, i)) for i in range(made.n_shards)]
    assert max(map(len, counts)) > 1
    assert np.mean([n > 1 for count in counts for n in count.values()]) > 0.5


def test_writing_again_gives_the_same_and_another_seed_another_order(
    cuts: CutSet, folder: Path, tmp_path: Path
) -> None:
    def order(path: Path, seed: int) -> list[str]:
        made = shards.write(cuts, path, 11 / 3600, seed)
        return [cut.id for i in range(made.n_shards) for cut in shards.load(path, i)]

    first = [cut.id for i in range(shards.read(folder)[0].n_shards) for cut in shards.load(folder, i)]
    assert order(tmp_path / "a", 0) == first and shards.read(tmp_path / "a")[0] == shards.read(folder)[0]
    assert order(tmp_path / "a", 1) != first  # in the old one's place
    assert not list(tmp_path.glob(".*.part"))


def test_the_statistics_are_those_of_the_whole_corpus(cuts: CutSet, folder: Path) -> None:
    _, normalisation = shards.read(folder)
    bank = FrameBank(cuts)
    np.testing.assert_allclose(normalisation.mel_mean, bank.frames[:, :-3].mean(0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(normalisation.mel_std, bank.frames[:, :-3].std(0), rtol=1e-3)
    shown = [utterance_statistics(load_frames(cut)) for cut in bank.cuts]
    np.testing.assert_allclose(normalisation.mel_cov, np.mean([s.mel_cov for s in shown], 0), rtol=1e-3, atol=1e-4)
    columns = np.array([np.concatenate([np.atleast_1d(getattr(s, name)) for name in shards.STATISTICS]) for s in shown])
    np.testing.assert_allclose(normalisation.statistics_mean, columns.mean(0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(normalisation.statistics_std, np.maximum(columns.std(0), 0.01), rtol=1e-3, atol=1e-4)


def test_a_batch_depends_on_seed_and_step_alone(folder: Path) -> None:
    whole, resumed = batches(folder), batches(folder)
    for step in (0, 1, 7, 23):
        one = [whole.batch(i) for i in range(step + 1)][-1]
        two = resumed.batch(step)  # as after a kill: begun here
        assert one.keys() == two.keys()
        assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_batch_is_what_training_reads(cuts: CutSet, folder: Path) -> None:
    batch = batches(folder).batch(0)
    usual = TrainingBatches(cuts, 4, 32, 32, 1, 0, 1, [f"s{i}" for i in range(N_SPEAKERS)]).batch(0)
    assert set(batch) - {"source_transport", "reference_transport"} == {n for n in usual if not n.endswith("mel_cov")}
    assert batch["frames"].shape == (4, 32, CHANNELS + 3) and batch["source_transport"].shape == (4, CHANNELS, CHANNELS)
    utterance = batch["frames"][:, 0, 0].long()
    assert torch.equal(utterance // EACH, batch["speaker"])
    assert torch.equal(batch["reference"][:, 0, 0].long() // EACH, batch["speaker"])


def test_a_pass_visits_every_shard_once_and_the_next_in_another_order(folder: Path) -> None:
    made = batches(folder)
    n, stay = made.shards.n_shards, made.steps_per_shard
    passes = [[made.shard_at((turn * n + visit) * stay) for visit in range(n)] for turn in range(4)]
    assert all(sorted(order) == list(range(n)) for order in passes)
    assert len(set(map(tuple, passes))) > 1
    assert {made.shard_at(step) for step in range(stay)} == {passes[0][0]}


def test_ranks_have_their_own_shards(folder: Path) -> None:
    one, two = batches(folder, rank=0, ranks=2), batches(folder, rank=1, ranks=2)
    for step in range(0, 8 * one.steps_per_shard, one.steps_per_shard):
        assert one.shard_at(step) != two.shard_at(step)
    assert not torch.equal(one.batch(0)["frames"], two.batch(0)["frames"])
    later = batches(folder)
    later.divide(1, 2)
    assert later.batch(5)["frames"].shape[0] == 2 and torch.equal(later.batch(5)["frames"], two.batch(5)["frames"])
    with pytest.raises(CorpusError, match="shards for 99 processes"):
        batches(folder, ranks=99)


def test_only_one_shard_is_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, read = batches(folder), []
    load = shards.load
    monkeypatch.setattr(shards, "load", lambda path, number: read.append(number) or load(path, number))
    for step in range(made.steps_per_shard + 1):
        held = made._shard(made.shard_at(step))
        made.batch(step)
        assert len(held.bank.frames) < 0.5 * made.shards.frames and not held.bank.cuts
    assert len(read) == 2


def test_what_is_not_there_is_said(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(CorpusError, match="holds no whole shards.*voicevae.recipes.shard"):
        shards.read(tmp_path)
    with pytest.raises(CorpusError, match="no cut to write"):
        shards.write(CutSet.from_cuts([]), tmp_path / "shards")
    assert not (tmp_path / "shards").exists()
