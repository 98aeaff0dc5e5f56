"""Shards keep recordings to the bit, and the vocoder's batches from them are those of the corpus in memory."""

import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from lhotse import CutSet

from tests.data.test_batches import HOP, RATE, cut_of, same
from voicevae import audio
from voicevae.data import shards
from voicevae.data.batches import FrameBank, VocoderBatches
from voicevae.data.prepare import load_frames
from voicevae.data.recordings import INT16, pack
from voicevae.data.sharded import ShardedVocoderBatches
from voicevae.errors import CorpusError
from voicevae.features.conditioning import offset

LENGTHS = [90, 40, 61, 150, 80, 120, 77, 99]  # frames


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory) -> CutSet:
    """Noise of two speakers; of each cut the first column of the frames is its number; one is beyond full scale, one
    at another rate and in stereo."""
    folder, random, made = tmp_path_factory.mktemp("recorded"), np.random.default_rng(0), []
    for i, length in enumerate(LENGTHS):
        wave = 0.1 * random.normal(size=(length - 1) * HOP + 7)
        frames = random.normal(size=(length, 7)).astype(np.float32)
        frames[:, 0] = i
        wide, rate = (
            (np.stack([np.repeat(wave, 2)] * 2, 1), 2 * RATE) if i == 1 else (wave * (30 if i == 2 else 1), RATE)
        )
        sf.write(folder / f"cut-{i}.wav", wide, rate, subtype="FLOAT")
        made.append(cut_of(f"cut-{i}", f"s{i % 2}", frames, folder))
    return CutSet.from_cuts(made)


@pytest.fixture(scope="module")
def folder(cuts: CutSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shards."""
    folder = tmp_path_factory.mktemp("exp") / "shards"
    made = shards.write(cuts, folder, sum(LENGTHS) / 80 / 3.2 / 3600, sample_rate=RATE, corpus="of today")
    assert (made.n_shards, made.sample_rate, made.corpus) == (3, RATE, "of today")
    return folder


def batches(folder: Path, seed: int = 1, **which: int) -> ShardedVocoderBatches:
    return ShardedVocoderBatches(folder, 4, 48, HOP, RATE, seed, **which)


def test_recordings_are_kept_to_the_bit(cuts: CutSet, folder: Path) -> None:
    kept = {cut.id: cut for i in range(3) for cut in shards.load(folder, i, True)}
    assert len(kept) == len(cuts)
    for cut in cuts:
        one, two = pack(cut, RATE), pack(kept[cut.id], RATE)
        np.testing.assert_array_equal(one.samples, two.samples)
        assert one.gain == two.gain and (one.gain > 1) == (cut.id == "cut-2")
        wave = audio.read(cut.recording.sources[0].source, RATE)
        wave = wave - offset(wave, RATE)
        np.testing.assert_allclose(two.samples * np.float32(two.gain / INT16), wave, atol=0.51 * two.gain / INT16)


def test_the_vae_does_not_read_them(folder: Path, tmp_path: Path) -> None:
    shards_without = tmp_path / "shards"
    shards_without.mkdir()
    for path in folder.iterdir():
        if not path.name.startswith("recording"):
            (shards_without / path.name).symlink_to(path)
    assert len(shards.load(shards_without, 0)) == len(shards.load(folder, 0, True))
    with pytest.raises((OSError, tarfile.TarError)):
        shards.load(shards_without, 0, True)


def test_a_shard_gives_the_batches_of_its_cuts_in_memory(cuts: CutSet, folder: Path) -> None:
    made = batches(folder)
    for step in (0, made.steps_per_shard, 2 * made.steps_per_shard):
        own = {cut.id for cut in shards.load(folder, made.shard_at(step))}
        usual = VocoderBatches(cuts.filter(lambda cut, own=own: cut.id in own).to_eager(), 4, 48, HOP, RATE, 0, 0, 0)
        usual.seed = 1 * 1_000_003 + 0
        assert same(made.batch(step), usual.batch(step))


def test_a_batch_depends_on_seed_and_step_alone(folder: Path) -> None:
    whole, resumed = batches(folder), batches(folder)
    one = [whole.batch(step) for step in range(12)]
    assert all(same(one[step], resumed.batch(step)) for step in (11, 0, 7))  # in any order, as after a kill
    assert not same(one[3], batches(folder, seed=2).batch(3))
    again = batches(folder, seed=2)  # another stage of the same run
    again.seed = 1
    assert same(again.batch(3), one[3])
    again.batch_size = 2
    assert again.batch(3)["wave"].shape == (2, 48 * HOP) and same(again.batch(5), again.batch(5))


def test_ranks_have_their_own_shards_one_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ranks, load = [batches(folder, rank=rank, ranks=3) for rank in range(3)], shards.load
    read: list[int] = []
    monkeypatch.setattr(shards, "load", lambda *args: read.append(args[1]) or load(*args))
    for step in range(ranks[0].steps_per_shard):
        for made in ranks:
            made.batch(step)
            assert made._loaded is not None and not made._loaded.bank.cuts
            assert len(made._loaded.bank.frames) < 0.6 * sum(LENGTHS)
    assert sorted(read) == [0, 1, 2]


def test_a_share_reads_what_is_decoded_of_its_shard(folder: Path) -> None:
    plain, mixed = batches(folder), batches(folder)
    mixed.batch(0)  # what is held already is heard, too
    mixed.replace_mels(lambda bank: bank.frames[:, :-3] + 100, 1.0)
    for step in range(3 * mixed.steps_per_shard):
        one, two = plain.batch(step), mixed.batch(step)
        assert torch.equal(one["wave"], two["wave"])
        inside = one["frames"][..., :-3].any(-1, keepdim=True)
        torch.testing.assert_close(two["frames"][..., :-3], one["frames"][..., :-3] + 100 * inside)


def test_other_workers_write_the_same(cuts: CutSet, folder: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        made = shards.write(cuts, tmp_path / "a", sum(LENGTHS) / 80 / 3.2 / 3600, 0, RATE, "of today", pool)
    assert made == shards.read(folder)[0]
    for one, two in zip(
        vars(shards.read(folder)[1]).values(), vars(shards.read(tmp_path / "a")[1]).values(), strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert (tmp_path / "a" / "recording.000002.tar").read_bytes() == (folder / "recording.000002.tar").read_bytes()


def test_shards_last_about_the_same(cuts: CutSet, tmp_path: Path) -> None:
    one_second = [cut_of(f"c{i}", "anna", np.ones((81, 7), np.float32), tmp_path) for i in range(23)]
    made = shards.write(CutSet.from_cuts(one_second), tmp_path / "even", 5 / 3600)
    assert [len(shards.load(tmp_path / "even", i)) for i in range(made.n_shards)] == [6, 6, 6, 5]


def test_interrupted_writing_leaves_what_was(cuts: CutSet, folder: Path, tmp_path: Path) -> None:
    before = shards.write(cuts, tmp_path / "a", 1.0)
    broken = CutSet.from_cuts([*cuts, cut_of("z", "s0", np.ones((50, 7), np.float32), tmp_path)])
    with pytest.raises(Exception, match="z.wav"):  # which is not there
        shards.write(broken, tmp_path / "a", 1.0, sample_rate=RATE)
    assert shards.read(tmp_path / "a")[0] == before and not [p for p in tmp_path.iterdir() if p.name[0] == "."]
    (tmp_path / "frames" / "z" / "z.npy").unlink(missing_ok=True)
    next((tmp_path / "frames").rglob("z.npy"), tmp_path / "none").unlink(missing_ok=True)
    with pytest.raises(CorpusError, match="a cannot be written .*z.npy.*make room there, or prepare"):
        shards.write(broken, tmp_path / "a", 1.0)
    assert shards.read(tmp_path / "a")[0] == before


def test_a_recording_that_changed_is_named(cuts: CutSet, tmp_path: Path) -> None:
    changed = cut_of("cut-9", "s0", np.ones((50, 7), np.float32), tmp_path)
    sf.write(tmp_path / "cut-9.wav", 0.1 * np.random.default_rng(0).normal(size=RATE), RATE)
    with pytest.raises(CorpusError, match="cut-9 has changed"):
        shards.write(CutSet.from_cuts([changed]), tmp_path / "shards", sample_rate=RATE)
    assert not (tmp_path / "shards").exists()


def test_shards_that_the_vocoder_cannot_use_are_refused(cuts: CutSet, folder: Path, tmp_path: Path) -> None:
    shards.write(cuts, tmp_path / "frames", 1.0)
    with pytest.raises(CorpusError, match="holds no recordings.*without --frames-only"):
        batches(tmp_path / "frames")
    with pytest.raises(CorpusError, match="16000 Hz.*24000 Hz"):
        ShardedVocoderBatches(folder, 4, 48, HOP, 24000, 0)
    assert {load_frames(cut).shape[1] for cut in FrameBank(shards.load(tmp_path / "frames", 0)).cuts} == {7}
