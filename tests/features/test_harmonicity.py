"""Harmonicity is how deep the comb is: that of pure pulses is known in closed form, noise has none, a mix its share."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt
from scipy.signal.windows import hann

from voicevae.features import FeatureConfig
from voicevae.features.mel import harmonic_free
from voicevae.vocoders.excitation import pulse_train

CONFIG = FeatureConfig()
INSIDE = slice(4, -4)  # frames whose window lies within the sound


def pulses(f0_hz: float, n_frames: int = 80) -> np.ndarray:
    """Partials of equal power at every multiple of F0, of unit power together."""
    log_f0 = np.full(n_frames, np.log(f0_hz))
    return pulse_train(log_f0, np.ones(n_frames), CONFIG.hop_length, CONFIG.sample_rate)[0]


def noise(n_frames: int = 80) -> np.ndarray:
    return np.random.default_rng(0).normal(size=n_frames * CONFIG.hop_length)


def harmonicity(wave: np.ndarray, f0_hz: float, voiced: bool = True) -> np.ndarray:
    """`[T, n_harmonicity]`, nats."""
    n_frames = CONFIG.n_frames(len(wave))
    f0, gate = np.full(n_frames, f0_hz), np.full(n_frames, voiced)
    mel, _ = harmonic_free(wave.astype(np.float32), f0, gate, CONFIG)
    return mel[INSIDE, CONFIG.n_mels :]


def one_period_apart(f0_hz: float) -> float:
    """Correlation of the window with itself a period later: all that a window lets a perfect comb show."""
    window = hann(CONFIG.win_length, sym=False)
    later = np.interp(np.arange(len(window)) + CONFIG.sample_rate / f0_hz, np.arange(len(window)), window, right=0)
    return float(window @ later / (window @ window))


@pytest.mark.parametrize("f0_hz", [80.0, 101.0, 137.0, 200.0, 290.0, 400.0])
def test_pulses_show_in_all_bands_all_that_the_window_lets_them(f0_hz: float) -> None:
    shown = harmonicity(pulses(f0_hz), f0_hz)
    np.testing.assert_allclose(shown, 2 * np.arctanh(one_period_apart(f0_hz)), atol=0.05)
    assert shown.shape[1] == CONFIG.n_harmonicity and shown.min() > 1


@pytest.mark.parametrize("f0_hz", [80.0, 137.0, 290.0, 400.0])
def test_noise_shows_nothing(f0_hz: float) -> None:
    shown = harmonicity(noise(240), f0_hz)
    assert np.abs(shown[:, 1:].mean(0)).max() < 0.1
    assert abs(shown[:, 0].mean()) < 0.5  # a band below the second partial sees hardly one period of the comb


@pytest.mark.parametrize("f0_hz", [90.0, 150.0, 220.0])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_of_a_mix_it_is_the_share_of_harmonic_power(f0_hz: float, share: float) -> None:
    wave = np.sqrt(share) * pulses(f0_hz, 240) + np.sqrt(1 - share) * noise(240)
    correlation = np.tanh(harmonicity(wave, f0_hz) / 2).mean(0)
    np.testing.assert_allclose(correlation, share * one_period_apart(f0_hz), atol=0.06)


def test_every_band_speaks_for_its_own_part_of_the_spectrum() -> None:
    """Pulses below 2 kHz, noise above: the fourth of eight bands ends at 2 kHz, the sixth begins there."""
    low, high = (butter(8, 2000, kind, fs=CONFIG.sample_rate, output="sos") for kind in ("low", "high"))
    shown = harmonicity(sosfiltfilt(low, pulses(150.0, 240)) + sosfiltfilt(high, noise(240)), 150.0).mean(0)
    np.testing.assert_allclose(shown[:4], 2 * np.arctanh(one_period_apart(150.0)), rtol=0.1)
    assert np.abs(shown[6:]).max() < 0.15


@pytest.mark.parametrize("gain", [1e-3, 30.0])
def test_level_does_not_matter(gain: float) -> None:
    wave = 0.1 * (pulses(150.0) + noise())
    np.testing.assert_allclose(harmonicity(gain * wave, 150.0), harmonicity(wave, 150.0), atol=2e-3)


def test_it_is_nothing_where_unvoiced_and_finite_in_silence() -> None:
    assert not harmonicity(pulses(150.0), 150.0, voiced=False).any()
    np.testing.assert_allclose(harmonicity(np.zeros(8000), 150.0), 0, atol=0.2)


def test_without_it_the_envelope_is_the_same() -> None:
    wave = pulses(150.0)
    f0, voiced = np.full(81, 150.0), np.arange(81) % 3 > 0
    mel, loudness = harmonic_free(wave, f0, voiced, CONFIG)
    alone, level = harmonic_free(wave, f0, voiced, replace(CONFIG, n_harmonicity=0))
    assert np.array_equal(alone, mel[:, : CONFIG.n_mels]) and np.array_equal(level, loudness)
    assert not mel[~voiced, CONFIG.n_mels :].any() and mel[INSIDE][voiced[INSIDE], CONFIG.n_mels :].min() > 1
