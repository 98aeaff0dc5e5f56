"""F0 is that of the tone, when it sounds; every feature stands on one grid of frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicevae.features import FeatureConfig, Frames, extract
from voicevae.features.prosody import f0

CONFIG = FeatureConfig()


def tone(f0_hz: np.ndarray) -> np.ndarray:
    """Harmonics falling by 6 dB an octave, at the momentary F0 of each sample `[n]`."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / CONFIG.sample_rate
    partials = range(1, int(4000 / f0_hz.max()) + 1)
    return (0.2 * np.sum([np.sin(k * phase) / k for k in partials], 0)).astype(np.float32)


def cents(log_f0: np.ndarray, f0_hz: np.ndarray | float) -> np.ndarray:
    return 1200 / np.log(2) * (log_f0 - np.log(f0_hz))


@pytest.mark.parametrize("f0_hz", [70.0, 100.0, 146.8, 220.0, 330.0, 480.0])
def test_f0_of_a_tone(f0_hz: float) -> None:
    log_f0, voicing = f0(tone(np.full(16000, f0_hz)), CONFIG)
    inside = slice(8, -8)
    assert (voicing[inside] >= 0.5).all()
    assert np.abs(cents(log_f0[inside], f0_hz)).max() < 15


def test_a_glide_is_followed_in_time() -> None:
    momentary = 120 * 2 ** (np.arange(16000) / 16000)  # one octave a second: a frame is 15 cents
    log_f0, _ = f0(tone(momentary), CONFIG)
    inside = slice(8, -8)
    error = cents(log_f0[:80], momentary[:: CONFIG.hop_length])[inside]
    assert np.abs(np.median(error)) < 8 and np.abs(error).max() < 25


def test_pitch_is_carried_through_silence_in_a_straight_line() -> None:
    silence = np.zeros(6400, np.float32)
    log_f0, voicing = f0(np.concatenate([tone(np.full(8000, 120.0)), silence, tone(np.full(8000, 240.0))]), CONFIG)
    unvoiced = np.flatnonzero(voicing < 0.5)
    gap = np.arange(unvoiced[unvoiced > 35].min(), unvoiced[unvoiced < 80].max() + 1)
    assert len(gap) > 20 and (voicing[gap] < 0.5).all()
    steps = np.diff(log_f0[gap[2:-2]])
    assert (steps > 0).all() and np.ptp(steps) < 1e-3


@pytest.mark.parametrize("sound", ["silence", "noise"])
def test_what_has_no_pitch_is_unvoiced_and_finite(sound: str) -> None:
    wave = np.zeros(8000) if sound == "silence" else np.random.default_rng(0).normal(0, 0.1, 8000)
    frames = extract(wave.astype(np.float32), CONFIG)
    assert frames.voiced.mean() < 0.1
    assert np.isfinite(frames.array()).all()


@settings(max_examples=15, deadline=None)
@given(st.one_of(st.integers(1600, 9000), st.sampled_from([4800, 1600, 1799, 1800, 3200, 3199])))
def test_mel_and_contours_have_the_same_frames(n_samples: int) -> None:
    frames = extract(tone(np.full(n_samples, 150.0)), CONFIG)
    n_frames = n_samples // CONFIG.hop_length + 1
    assert frames.mel.shape == (n_frames, CONFIG.n_channels)
    assert frames.log_f0.shape == frames.voicing.shape == frames.loudness_db.shape == (n_frames,)
    assert len(frames) == n_frames and frames.array().dtype == np.float32
    assert np.isfinite(frames.array()).all()


def test_frames_as_columns_and_back() -> None:
    frames = extract(tone(np.full(4800, 150.0)), CONFIG)
    back = Frames.from_array(frames.array())
    for name, value in vars(frames).items():
        np.testing.assert_array_equal(getattr(back, name), value)


def test_a_high_voice_is_followed() -> None:
    log_f0, voicing = f0(tone(np.full(16000, 800.0)), CONFIG)
    assert (voicing[8:-8] >= 0.5).all() and np.abs(cents(log_f0[8:-8], 800.0)).max() < 15


def test_what_is_beyond_the_range_is_said_with_its_times() -> None:
    narrow = FeatureConfig(f0_min_hz=50.0, f0_max_hz=700.0)
    high, low = tone(np.full(8000, 900.0)), tone(np.full(8000, 200.0))
    with pytest.warns(UserWarning, match=r"F0 at 0\.5\d to (0\.9\d|1\.\d+) s lies outside 50 to 700 Hz") as said:
        _, voicing = f0(np.concatenate([low, high, low]), narrow)
    assert len(said) == 1 and (voicing[48:72] < 0.5).all() and (voicing[8:32] >= 0.5).all()
