"""Frames whose first column is the cut's number and whose second is the frame's, so that a window tells its place."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from lhotse import AudioSource, CutSet, MonoCut, NumpyFilesWriter, Recording, SupervisionSegment
from torch.utils.data import DataLoader

from voicevae.data.batches import CutSampler, FrameBank, TrainingBatches, VocoderBatches
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig, extract
from voicevae.features.conditioning import offset
from voicevae.features.statistics import utterance_statistics

HOP, RATE = 200, 16000
OFFSET = 0.2  # of recordings, as of a bad converter
LENGTHS = {"anna": [100, 300, 50], "bert": [400], "cleo": [60, 40]}  # frames


def cut_of(name: str, speaker: str, frames: np.ndarray, folder: Path, style: str | None = None) -> MonoCut:
    n = (len(frames) - 1) * HOP + 7
    recording = Recording(name, [AudioSource("file", [0], str(folder / f"{name}.wav"))], RATE, n, n / RATE)
    custom = {"style": style} if style else None
    label = SupervisionSegment(name, name, 0, n / RATE, speaker=speaker, custom=custom)
    cut = MonoCut(name, 0, n / RATE, 0, [label], recording=recording)
    writer = NumpyFilesWriter(folder / "frames")
    return cut.with_custom("frames", writer.store_array(name, frames, frame_shift=HOP / RATE, temporal_dim=0))


def numbered(lengths: dict[str, list[int]], folder: Path) -> CutSet:
    cuts = []
    for speaker, own in lengths.items():
        for i, length in enumerate(own):
            frames = np.zeros((length, 7), np.float32)
            frames[:, 0], frames[:, 1] = len(cuts), np.arange(length)
            frames[:, 4:] = 5.0 + len(cuts) / 10, 1.0, -20.0
            cuts.append(cut_of(f"{speaker}-{i}", speaker, frames, folder, "calm" if i else None))
    return CutSet.from_cuts(cuts)


def batches(cuts: CutSet, seed: int = 0, start_step: int = 0, n_steps: int = 50, **sizes: int) -> TrainingBatches:
    sizes = {"batch_size": 16, "frames": 64, "reference_frames": 80} | sizes
    return TrainingBatches(
        cuts, **sizes, seed=seed, start_step=start_step, n_steps=n_steps, speakers=["cleo", "anna"], styles=["calm"]
    )


def same(one: dict, two: dict) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[k], two[k]) for k in one)


@pytest.fixture
def cuts(tmp_path: Path) -> CutSet:
    return numbered(LENGTHS, tmp_path)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_resumed_run_gives_the_batches_of_an_uninterrupted_one(cuts, workers):
    whole = list(DataLoader(batches(cuts, n_steps=9), batch_size=None))
    resumed = list(DataLoader(batches(cuts, start_step=4, n_steps=9), batch_size=None, num_workers=workers))
    assert (len(whole), len(resumed)) == (9, 5)
    assert all(same(one, two) for one, two in zip(whole[4:], resumed, strict=True))


def test_batches_differ_between_steps_and_seeds(cuts):
    one = batches(cuts, seed=1)
    assert not same(one.batch(0), one.batch(1))
    assert not same(one.batch(0), batches(cuts, seed=2).batch(0))


def test_windows_are_runs_of_one_cut_and_the_mask_says_how_far(cuts):
    lengths = [n for own in LENGTHS.values() for n in own]
    for batch in batches(cuts, n_steps=20):
        for name, mask in (("frames", "mask"), ("reference", "reference_mask")):
            for window, inside in zip(batch[name], batch[mask], strict=True):
                real = window[inside.bool()]
                length = lengths[int(real[0, 0])]
                assert (real[:, 0] == real[0, 0]).all()
                assert (real[:, 1].diff() == 1).all()
                assert len(real) == min(len(window), length)
                assert (inside.diff() <= 0).all()


def test_a_cut_goes_on_in_digital_silence(cuts):
    wave = np.zeros(RATE, np.float32)
    wave[:8000] = 0.3 * np.sin(2 * np.pi * 200 * np.arange(8000) / RATE)
    silent = extract(wave, FeatureConfig()).array()[-1]
    batch = batches(cuts, frames=500).batch(0)
    for window, inside in zip(batch["frames"], batch["mask"], strict=True):
        last = int(inside.sum()) - 1
        assert torch.equal(window[-1, :4], torch.zeros(4))
        assert window[-1, 4] == window[last, 4]
        assert window[-1, 5] == 0 == pytest.approx(silent[-2], abs=0.05)
        assert window[-1, 6] == pytest.approx(silent[-1], abs=1e-3)


def test_the_reference_is_another_cut_of_the_speaker(cuts):
    owner = [speaker for speaker, own in LENGTHS.items() for _ in own]
    for batch in batches(cuts, n_steps=20):
        for source, reference in zip(batch["frames"][:, 0, 0], batch["reference"][:, 0, 0], strict=True):
            assert owner[int(source)] == owner[int(reference)]
            assert (source != reference) == (owner[int(source)] != "bert")


@pytest.mark.parametrize(
    ("length", "frames", "reference"), [(400, 64, 80), (200, 100, 90), (150, 64, 80), (90, 64, 80)]
)
def test_a_lone_cut_gives_a_reference_that_overlaps_as_little_as_can_be(tmp_path, length, frames, reference):
    lone = batches(numbered({"anna": [length]}, tmp_path), frames=frames, reference_frames=reference, n_steps=30)
    starts = []
    for batch in lone:
        for a, r in zip(batch["frames"][:, 0, 1].tolist(), batch["reference"][:, 0, 1].tolist(), strict=True):
            least = min(_overlap(a, frames, place, reference) for place in range(length - reference + 1))
            assert _overlap(a, frames, r, reference) == least
            starts.append(r)
    assert len(set(starts)) > 1


def _overlap(a: float, n: int, b: float, m: int) -> float:
    return max(0, min(a + n, b + m) - max(a, b))


def test_speakers_are_drawn_by_the_root_of_their_duration(cuts):
    bank = FrameBank(cuts)
    drawn = CutSampler(bank).draw(200_000, np.random.default_rng(0))
    share = np.bincount(bank.speaker[drawn]) / len(drawn)
    root = np.sqrt([sum(own) for own in LENGTHS.values()])
    np.testing.assert_allclose(share, root / root.sum(), atol=0.005)
    anna = drawn[bank.speaker[drawn] == 0]
    np.testing.assert_allclose(np.bincount(anna) / len(anna), np.array([100, 300, 50]) / 450, atol=0.005)


def test_other_cuts_are_drawn_by_their_duration(cuts):
    sampler = CutSampler(FrameBank(cuts))
    others = sampler.another(np.zeros(100_000, np.int64), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(others, minlength=3) / len(others), [0, 300 / 350, 50 / 350], atol=0.005)


def test_labels_are_places_in_the_lists(cuts):
    expected = {0: (1, -1), 1: (1, 0), 2: (1, 0), 3: (-1, -1), 4: (0, -1), 5: (0, 0)}
    for batch in batches(cuts, n_steps=5):
        for number, speaker, style in zip(batch["frames"][:, 0, 0], batch["speaker"], batch["style"], strict=True):
            assert (int(speaker), int(style)) == expected[int(number)]


def test_statistics_are_of_the_whole_cuts(cuts):
    arrays = [cut.frames.load() for cut in cuts]
    batch = batches(cuts).batch(3)
    for side, window in (("source", "frames"), ("reference", "reference")):
        for i, number in enumerate(batch[window][:, 0, 0].int()):
            for name, value in vars(utterance_statistics(arrays[number])).items():
                np.testing.assert_array_equal(batch[f"{side}_{name}"][i].numpy(), value)


def test_no_cuts_is_an_error():
    with pytest.raises(CorpusError, match="no cut"):
        batches(CutSet.from_cuts([]))


@pytest.fixture
def recorded(tmp_path: Path, sound) -> CutSet:
    """Real features of generated sound with an offset; the last cut is shorter than the crops, beyond full scale."""
    cuts = []
    for i, (f0_hz, seconds) in enumerate([(120, 2.0), (200, 1.7), (160, 0.5)]):
        wave = sound(f0_hz, seconds) * (6 if i == 2 else 1) + np.float32(OFFSET)
        sf.write(tmp_path / f"cut-{i}.wav", wave, RATE, subtype="FLOAT")
        cuts.append(cut_of(f"cut-{i}", f"s{i}", extract(wave, FeatureConfig()).array(), tmp_path))
    return CutSet.from_cuts(cuts)


def vocoder_batches(cuts: CutSet, start_step: int = 0) -> VocoderBatches:
    return VocoderBatches(cuts, 8, 48, HOP, RATE, seed=0, start_step=start_step, n_steps=12)


def test_wave_and_frames_of_a_crop_belong_together(recorded):
    waves = [sf.read(cut.recording.sources[0].source, dtype="float32")[0] for cut in recorded]
    waves = [np.pad(wave - offset(wave, RATE), (0, 48 * HOP)) for wave in waves]
    assert all(abs(wave.mean()) < 0.01 * OFFSET for wave in waves)
    arrays = [cut.frames.load() for cut in recorded]
    for batch in vocoder_batches(recorded):
        assert batch["wave"].shape == (8, 48 * HOP)
        for frames, wave, mask in zip(batch["frames"].numpy(), batch["wave"].numpy(), batch["mask"], strict=True):
            number, first = next(
                (i, t) for i, array in enumerate(arrays) for t, row in enumerate(array) if (row == frames[0]).all()
            )
            expected = waves[number][first * HOP : (first + 48) * HOP]
            assert np.abs(wave - expected).max() < 1e-4 * max(1, np.abs(expected).max())
            assert int(mask.sum()) == min(48, len(arrays[number]) - 1)


def test_a_resumed_vocoder_run_gives_the_same_batches(recorded):
    whole, resumed = list(vocoder_batches(recorded)), list(vocoder_batches(recorded, start_step=7))
    assert all(same(one, two) for one, two in zip(whole[7:], resumed, strict=True))


def test_a_recording_that_changed_is_named(recorded, sound):
    sf.write(recorded[0].recording.sources[0].source, sound(120, 1.0), RATE)
    with pytest.raises(CorpusError, match="cut-0 has changed"):
        vocoder_batches(recorded)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_share_of_the_items_reads_decoded_mels_in_place_of_its_own(recorded, share):
    plain, mixed = vocoder_batches(recorded), vocoder_batches(recorded)
    mixed.decoded, mixed.share = mixed.bank.frames[:, :-3] + 100, share
    chosen = []
    for step in range(12):
        one, two = plain.batch(step), mixed.batch(step)
        assert torch.equal(one["wave"], two["wave"]) and torch.equal(one["mask"], two["mask"])
        assert torch.equal(one["frames"][..., -3:], two["frames"][..., -3:])
        for before, after in zip(one["frames"][..., :-3], two["frames"][..., :-3], strict=True):
            inside = before.any(1)  # beyond its end a cut goes on in zeros, decoded or not
            chosen.append(bool((after != before).any()))
            expected = before + 100 * inside[:, None] if chosen[-1] else before
            torch.testing.assert_close(after, expected, rtol=0, atol=1e-5)
    assert np.mean(chosen) == pytest.approx(share, abs=0.15)


def test_batches_with_decoded_mels_are_a_pure_function_of_the_step(recorded):
    one, two = vocoder_batches(recorded), vocoder_batches(recorded, start_step=7)
    for batches in (one, two):
        batches.decoded, batches.share = batches.bank.frames[:, :-3] + 100, 0.5
    whole, resumed = list(one), list(two)
    assert all(same(a, b) for a, b in zip(whole[7:], resumed, strict=True))
    assert same(one.batch(3), whole[3]) and not same(whole[3], whole[4])


@pytest.mark.parametrize("ranks", [2, 4])
def test_the_parts_of_ranks_together_are_the_batch_of_one(cuts, recorded, ranks):
    def replaced() -> VocoderBatches:
        made = vocoder_batches(recorded)
        made.replace_mels(lambda bank: bank.frames[:, :-3] + 100, 0.5)
        return made

    for make in (lambda: batches(cuts), replaced):
        whole, parts = make().batch(3), []
        for rank in range(ranks):
            own = make()
            own.divide(rank, ranks)
            parts.append(own.batch(3))
        assert same(whole, {name: torch.cat([part[name] for part in parts]) for name in whole})
