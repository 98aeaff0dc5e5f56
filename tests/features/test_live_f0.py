"""The live F0 tracker: what it may depend on, that blocks change no bit, and that it finds the F0."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.f0 import errors, track
from voicevae.errors import BundleError, VoiceVAEError
from voicevae.evaluation.clips import read_clips
from voicevae.evaluation.metrics.pitch import Track, measure
from voicevae.features import VOICED, FeatureConfig
from voicevae.features.live_f0 import SHIPPED, LiveF0, Loud

CONFIG = FeatureConfig()
HOP = CONFIG.hop_length


def tone(hz: float, n: int = 8000) -> np.ndarray:
    """Harmonics of `hz` that fall by 6 dB an octave, and a little noise."""
    time, partial = np.arange(n) / CONFIG.sample_rate, np.arange(1, int(4000 / hz) + 1)
    voice = (np.sin(2 * np.pi * hz * partial[:, None] * time + partial[:, None] ** 2) / partial[:, None]).sum(0)
    return (0.1 * voice + np.random.default_rng(0).normal(0, 1e-3, n)).astype(np.float32)


def fed(wave: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    tracker = LiveF0(CONFIG)
    parts = [tracker.feed(wave[i : i + block]) for i in range(0, len(wave), block)] + [tracker.flush()]
    log_f0, voicing = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return log_f0, voicing


@pytest.mark.parametrize("hz", [75.0, 110.0, 150.0, 220.0, 330.0, 500.0])
def test_a_tone_is_voiced_at_its_pitch(hz: float) -> None:
    found = track(LiveF0(CONFIG), tone(hz))
    assert found.voiced[8:-4].mean() > 0.9
    cents = 1200 / np.log(2) * np.abs(found.log_f0 - np.log(hz))
    assert np.median(cents[8:-4]) < 12 and cents[8:-4].max() < 50


@pytest.mark.parametrize("block", [1, 160, 320, 4800])
def test_blocks_change_no_bit(block: int) -> None:
    wave = tone(140.0, 5003)
    for whole, parts in zip(fed(wave, len(wave)), fed(wave, block), strict=True):
        np.testing.assert_array_equal(whole, parts)


def test_a_frame_depends_on_20_ms_after_its_centre_and_on_no_more() -> None:
    tracker, wave, frame = LiveF0(CONFIG), tone(140.0), 20
    assert tracker.look_ahead == 320
    last = frame * HOP + tracker.look_ahead  # the first sample that it must not depend on
    other = wave.copy()
    other[last:] = np.random.default_rng(1).normal(0, 0.3, len(wave) - last)
    (log_f0, voicing), (other_log_f0, other_voicing) = fed(wave, len(wave)), fed(other, len(other))
    np.testing.assert_array_equal(log_f0[: frame + 1], other_log_f0[: frame + 1])
    np.testing.assert_array_equal(voicing[: frame + 1], other_voicing[: frame + 1])
    assert voicing[frame + 1] != other_voicing[frame + 1]
    other = wave.copy()
    other[last - 40 : last] += 0.3  # within reach
    assert voicing[frame] != fed(other, len(other))[1][frame]


def test_a_frame_comes_as_soon_as_its_samples_are_there() -> None:
    tracker, wave = LiveF0(CONFIG), tone(140.0, 2000)
    counts = [len(tracker.feed(wave[i : i + 1])[0]) for i in range(len(wave))]
    assert [i for i, n in enumerate(counts) if n] == [t * HOP + 319 for t in range(9)] and set(counts) == {0, 1}


@pytest.mark.parametrize("n", [0, 1, 199, 200, 319, 320, 1000, 2001])
def test_there_are_as_many_frames_as_of_a_recording(n: int) -> None:
    log_f0, voicing = fed(tone(140.0, n), 160)
    assert len(log_f0) == len(voicing) == (CONFIG.n_frames(n) if n else 0)
    assert log_f0.dtype == voicing.dtype == np.float32


@pytest.mark.parametrize("gain_db", [-45.0, 20.0])
def test_the_level_does_not_count(gain_db: float) -> None:
    wave = tone(140.0)
    plain, other = fed(wave, len(wave)), fed(wave * np.float32(10 ** (gain_db / 20)), len(wave))
    np.testing.assert_allclose(plain[0], other[0], atol=1e-3)
    np.testing.assert_allclose(plain[1], other[1], atol=1e-2)


def test_silence_is_unvoiced_and_holds_the_last_pitch() -> None:
    wave = np.concatenate([tone(140.0), np.zeros(8000, np.float32)])
    log_f0, voicing = fed(wave, len(wave))
    assert (voicing[45:] < VOICED).all()
    assert len(set(log_f0[45:])) == 1 and log_f0[45] == log_f0[voicing >= VOICED][-1]
    log_f0, voicing = fed(np.zeros(4000, np.float32), 160)
    assert (voicing < VOICED).all() and np.isfinite(log_f0).all() and len(set(log_f0)) == 1


def test_after_flush_another_stream_begins() -> None:
    tracker, wave = LiveF0(CONFIG), tone(140.0, 3000)
    tracker.feed(tone(300.0))
    tracker.flush()
    np.testing.assert_array_equal(np.concatenate([tracker.feed(wave)[1], tracker.flush()[1]]), fed(wave, 3000)[1])


@pytest.mark.parametrize("bad", [np.full(400, np.nan), np.full(400, np.inf), np.full(400, 1e6), np.zeros((2, 400))])
def test_what_is_no_sound_is_refused_and_the_stream_goes_on(bad: np.ndarray) -> None:
    tracker, wave = LiveF0(CONFIG), tone(140.0, 3000)
    first = tracker.feed(wave[:1500])[1]
    with pytest.raises(VoiceVAEError, match="finite"):
        tracker.feed(bad)
    rest = tracker.feed(wave[1500:])[1], tracker.flush()[1]
    np.testing.assert_array_equal(np.concatenate([first, *rest]), fed(wave, 3000)[1])


def test_weights_of_another_grid_and_no_weights_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(VoiceVAEError, match="hop_length 200.0, not 256"):
        LiveF0(FeatureConfig(hop_length=256))
    (tmp_path / "none.onnx").write_bytes(b"none")
    for path in (tmp_path / "none.onnx", tmp_path / "missing.onnx"):
        with pytest.raises(BundleError, match=path.name):
            LiveF0(CONFIG, path)


def test_loudness_rises_at_once_and_falls_by_3_db_a_second() -> None:
    loud = Loud(CONFIG, 2)
    assert loud.level(np.array([-20.0, -90.0])) == pytest.approx([0.0, -0.5])  # below -80 dB nothing is loud
    for _ in range(80):
        level = loud.level(np.array([-60.0, -60.0]))
    assert loud.db == pytest.approx([-23.0, -60.0], abs=1e-3) and level == pytest.approx([-37 / 20, 0.0], abs=1e-3)


def test_it_is_small() -> None:
    assert SHIPPED.stat().st_size <= 400_000 and (SHIPPED.parent / "card.md").exists()


def test_recordings_are_tracked_as_swift_f0_tracks_them(recordings: Path) -> None:
    clips = read_clips(recordings, "dev")[::40]
    pairs: list[tuple[Track, Track]] = []
    for clip in clips:
        wave = clip.load(CONFIG.sample_rate)
        pairs.append((measure(wave, CONFIG), track(LiveF0(CONFIG), wave)))
    row = errors(pairs)
    assert row.cents <= 12 and row.gross <= 0.02 and row.agreement >= 0.93
