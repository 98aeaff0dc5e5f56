"""The mel holds timbre alone: no harmonics, no level; and an ordinary one is what others compute."""

import librosa
import numpy as np
import pytest

from voicevae import features
from voicevae.features import FeatureConfig, ordinary_mel
from voicevae.features.conditioning import offset
from voicevae.features.mel import harmonic_free, mel_centres_hz, mel_filters, smooth_over_f0

CONFIG = FeatureConfig()
INSIDE = slice(4, -4)  # frames whose window lies within the sound


def comb(f0_hz: float, seconds: float = 0.5) -> np.ndarray:
    """Cosines of equal power at every multiple of `f0_hz` up to Nyquist."""
    n = np.arange(round(seconds * CONFIG.sample_rate))
    partials = np.arange(1, CONFIG.sample_rate / 2 / f0_hz)
    return 0.01 * np.cos(2 * np.pi * f0_hz / CONFIG.sample_rate * np.outer(partials, n)).sum(0)


def free(wave: np.ndarray, f0_hz: float, voiced: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Bands of the envelope `[T, n_mels]`, and the level `[T]`."""
    frames = CONFIG.n_frames(len(wave))
    mel, loudness = harmonic_free(wave.astype(np.float32), np.full(frames, f0_hz), np.full(frames, voiced), CONFIG)
    return mel[INSIDE, : CONFIG.n_mels], loudness[INSIDE]


@pytest.mark.parametrize("f0_hz", [71.0, 100.0, 137.3, 220.0, 310.0, 440.0, 620.0])
def test_a_comb_of_equal_harmonics_comes_out_flat(f0_hz: float) -> None:
    mel, _ = free(comb(f0_hz), f0_hz)
    whole = mel_centres_hz(CONFIG) < CONFIG.sample_rate / 2 - 1.5 * f0_hz  # above, the comb itself ends
    assert np.abs(mel[:, whole]).max() < 0.35  # nats: 1.5 dB
    ordinary = ordinary_mel(comb(f0_hz).astype(np.float32), CONFIG)[INSIDE][:, whole]
    assert mel[:, whole].std() < ordinary.std() / 4


def test_a_formant_is_seen_alike_at_every_pitch() -> None:
    def vowel(f0_hz: float) -> np.ndarray:
        n = np.arange(8000)
        hz = f0_hz * np.arange(1, 7900 / f0_hz)
        gain = 0.02 * np.sqrt(f0_hz) / (1 + ((hz - 1500) / 400) ** 2)
        return (gain[:, None] * np.cos(2 * np.pi * hz[:, None] / CONFIG.sample_rate * n)).sum(0)

    low, high = (free(vowel(f0_hz), f0_hz) for f0_hz in (100.0, 180.0))
    heard = (mel_centres_hz(CONFIG) > 200) & (mel_centres_hz(CONFIG) < 4000)
    assert np.abs(low[0].mean(0) - high[0].mean(0))[heard].max() < 0.5
    assert low[1].mean() == pytest.approx(high[1].mean(), abs=0.5)


@pytest.mark.parametrize("gain", [0.03, 0.3, 3.0])
def test_gain_changes_the_loudness_and_not_the_mel(gain: float) -> None:
    n = np.arange(16000)
    sweep = 0.5 * np.sin(2 * np.pi * (100 * n + 7000 / 32000 * n**2) / 16000)
    wave = sweep + 1e-2 * np.random.default_rng(0).normal(size=len(n))
    (mel, loudness), (mel_after, loudness_after) = free(wave, 150.0, False), free(gain * wave, 150.0, False)
    np.testing.assert_allclose(mel_after, mel, atol=2e-3)
    np.testing.assert_allclose(loudness_after - loudness, 20 * np.log10(gain), atol=1e-3)


@pytest.mark.parametrize("variance", [1e-6, 1e-4, 0.04])
def test_loudness_of_white_noise_is_its_variance(variance: float) -> None:
    noise = np.random.default_rng(1).normal(0, np.sqrt(variance), 64000)
    mel, loudness = free(noise, 150.0, False)
    assert 10 * np.log10((10 ** (loudness / 10)).mean()) == pytest.approx(10 * np.log10(variance), abs=0.1)
    assert np.abs(np.log(np.exp(mel).mean(0))).max() < 0.3  # white is flat


def test_digital_silence_is_finite_flat_and_at_the_floor() -> None:
    mel, loudness = free(np.zeros(4000), 150.0, False)
    np.testing.assert_allclose(mel, 0, atol=1e-5)
    np.testing.assert_allclose(loudness, -100, atol=1e-4)


def test_smoothing_keeps_a_constant_and_the_power_of_a_line() -> None:
    power = np.zeros((1, 513), np.float32)
    power[0, 200] = 1.0
    width_hz = np.array([160.0])
    smooth = smooth_over_f0(power, width_hz, CONFIG)
    bins = 160.0 * CONFIG.n_fft / CONFIG.sample_rate
    assert float(smooth.sum()) == pytest.approx(1.0, abs=1e-5)
    assert float(smooth.max()) == pytest.approx(1 / bins, rel=1e-5)
    assert float((smooth > 0).sum()) == pytest.approx(bins, abs=1.5)
    np.testing.assert_allclose(smooth_over_f0(np.full((1, 513), 3.0, np.float32), width_hz, CONFIG), 3.0, rtol=1e-5)


def test_filters_keep_a_flat_spectrum_flat() -> None:
    np.testing.assert_allclose(mel_filters(CONFIG).sum(0), 1.0, rtol=1e-5)
    np.testing.assert_allclose(
        mel_centres_hz(CONFIG), librosa.mel_frequencies(82, fmin=0, fmax=8000, htk=True)[1:-1], rtol=1e-4
    )


def test_the_ordinary_mel_is_that_of_librosa() -> None:
    wave = np.random.default_rng(2).normal(0, 0.1, 8000).astype(np.float32)
    power = librosa.feature.melspectrogram(
        y=wave,
        sr=CONFIG.sample_rate,
        n_fft=CONFIG.n_fft,
        hop_length=CONFIG.hop_length,
        win_length=CONFIG.win_length,
        n_mels=CONFIG.n_mels,
        htk=True,
        norm=None,
        pad_mode="constant",
    )
    filters = librosa.filters.mel(sr=16000, n_fft=CONFIG.n_fft, n_mels=CONFIG.n_mels, htk=True, norm=None)
    full = filters.sum(1) > 0  # librosa leaves filters narrower than a bin empty
    window_power = (librosa.filters.get_window("hann", CONFIG.win_length) ** 2).sum()
    expected = np.log(power[full] / filters.sum(1)[full, None] / window_power).T
    np.testing.assert_allclose(ordinary_mel(wave, CONFIG)[:, full], expected, atol=1e-3)


@pytest.mark.parametrize("block_frames", [1, 7, 40])
def test_features_do_not_depend_on_the_blocks(monkeypatch: pytest.MonkeyPatch, block_frames: int) -> None:
    wave = (comb(120.0, 1.0) + np.random.default_rng(3).normal(0, 1e-3, 16000)).astype(np.float32)
    whole, ordinary = features.extract(wave, CONFIG).array(), ordinary_mel(wave, CONFIG)
    monkeypatch.setattr(features, "BLOCK_FRAMES", block_frames)
    np.testing.assert_allclose(features.extract(wave, CONFIG).array(), whole, atol=1e-4)
    np.testing.assert_allclose(ordinary_mel(wave, CONFIG), ordinary, atol=1e-4)


def test_blocks_are_the_centred_spectrum_of_the_whole() -> None:
    wave = (comb(120.0, 1.0) + np.random.default_rng(3).normal(0, 1e-3, 16000)).astype(np.float32)
    frames, steady = features.extract(wave, CONFIG), wave - offset(wave, CONFIG.sample_rate)
    mel, loudness = harmonic_free(steady, np.exp(frames.log_f0), frames.voiced, CONFIG)
    np.testing.assert_allclose(frames.mel, mel, atol=1e-4)
    np.testing.assert_allclose(frames.loudness_db, loudness, atol=1e-3)
