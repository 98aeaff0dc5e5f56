"""A correction moves a wave towards the features that were asked for, and leaves one alone that has them."""

import numpy as np
import pytest

from voicevae.features import FeatureConfig
from voicevae.features.mel import harmonic_free, mel_centres_hz, mel_to_bins, power_spectrum
from voicevae.features.stft import hann, square_of
from voicevae.vocoders.consistency import LIMIT, analysis, corrected, reach, synthesis
from voicevae.vocoders.excitation import pulse_train

FEATURES = FeatureConfig()
HOP, FRAMES = FEATURES.hop_length, 80
WHOLE = slice(0, -FEATURES.win_length)  # where all frames that overlap are there


def pitch(f0_hz: float, voiced: bool) -> tuple[np.ndarray, np.ndarray]:
    return np.full(FRAMES, f0_hz), np.full(FRAMES, voiced)


def shown(wave: np.ndarray, f0_hz: np.ndarray, voiced: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bands `[T, n_mels]` and loudness `[T]` of a wave."""
    mel, loudness = harmonic_free(wave, np.pad(f0_hz, (0, 1), mode="edge"), np.pad(voiced, (0, 1)), FEATURES)
    return mel[:-1, : FEATURES.n_mels], loudness[:-1]


def buzz(f0_hz: float) -> np.ndarray:
    return 0.1 * pulse_train(np.full(FRAMES, np.log(f0_hz)), np.ones(FRAMES), HOP, FEATURES.sample_rate)[0]


def again(wave: np.ndarray, features: FeatureConfig = FEATURES) -> np.ndarray:
    """From its spectra."""
    return synthesis(analysis(wave, features), len(wave) // features.hop_length, features)


def noise() -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(FRAMES * HOP, np.float32)


@pytest.mark.parametrize(("f0_hz", "voiced"), [(70.0, True), (210.0, True), (100.0, False)])
def test_a_wave_with_the_features_asked_for_is_left_alone(f0_hz: float, voiced: bool) -> None:
    wave = buzz(f0_hz) if voiced else noise()
    f0, gate = pitch(f0_hz, voiced)
    mel, loudness = shown(wave, f0, gate)
    made = corrected(wave, mel, f0, gate, loudness, FEATURES)
    np.testing.assert_allclose(made[WHOLE], wave[WHOLE], atol=2e-4)


@pytest.mark.parametrize("gain_db", [-30.0, 6.0, 30.0])
def test_more_loudness_is_a_plain_gain(gain_db: float) -> None:
    wave, (f0, gate) = noise(), pitch(100.0, False)
    mel, loudness = shown(wave, f0, gate)
    made = corrected(wave, mel, f0, gate, loudness + gain_db, FEATURES)
    gain = 10 ** (gain_db / 20)
    np.testing.assert_allclose(made[WHOLE], gain * wave[WHOLE], atol=2e-3 * gain)


@pytest.mark.parametrize("gain_db", [-300.0, 300.0])
def test_one_correction_adds_or_takes_only_so_much(gain_db: float) -> None:
    wave, (f0, gate) = noise(), pitch(100.0, False)
    mel, loudness = shown(wave, f0, gate)
    made = corrected(wave, mel, f0, gate, loudness + gain_db, FEATURES)
    gain = np.exp(np.sign(gain_db) * LIMIT / 2)
    np.testing.assert_allclose(made[WHOLE], gain * wave[WHOLE], atol=1e-5 * gain)


@pytest.mark.parametrize("f0_hz", [350.0, 900.0, 2000.0])
@pytest.mark.parametrize("formant", [0.6, 1.0, 1.5])
def test_what_harmonics_cannot_show_is_as_loud_as_asked_for(f0_hz: float, formant: float) -> None:
    made, (f0, gate) = buzz(f0_hz), pitch(f0_hz, True)
    octaves = np.log2((mel_centres_hz(FEATURES) + 50) / (formant * f0_hz))
    wished = np.repeat(-8 * np.abs(octaves)[None], FRAMES, 0)
    power = np.exp(wished @ mel_to_bins(FEATURES)[: FEATURES.n_mels]).mean(1)
    loudness = np.full(FRAMES, -20.0)
    for _ in range(2):
        made = corrected(made, wished - np.log(power)[:, None], f0, gate, loudness, FEATURES)
    assert np.abs(shown(made, f0, gate)[1] - loudness)[8:-8].max() < 2


def test_a_wish_reaches_no_further_than_it_says() -> None:
    wave, (f0, gate) = noise(), pitch(100.0, False)
    mel, loudness = shown(wave, f0, gate)
    wished = mel.copy()
    wished[40] += 2.0
    before, after = (corrected(wave, m, f0, gate, loudness, FEATURES) for m in (mel, wished))
    moved = np.flatnonzero(np.abs(before - after) > 1e-6) // HOP
    assert moved.min() >= 40 - reach(FEATURES) and moved.max() <= 40 + reach(FEATURES)
    assert len(moved) > HOP


def test_silence_stays_silent() -> None:
    f0, gate = pitch(100.0, True)
    bands, loudness = np.zeros((FRAMES, FEATURES.n_mels)), np.full(FRAMES, -20.0)
    assert not corrected(np.zeros(FRAMES * HOP, np.float32), bands, f0, gate, loudness, FEATURES).any()


def test_the_spectrum_is_that_of_the_features_and_its_inverse_the_wave() -> None:
    wave = noise()
    spectrum = analysis(wave, FEATURES)(slice(0, FRAMES))
    power = square_of(spectrum) / np.square(hann(FEATURES.win_length)).sum()
    np.testing.assert_allclose(power, power_spectrum(wave, FEATURES)[:FRAMES], rtol=1e-3, atol=1e-7)
    back = again(wave)
    np.testing.assert_allclose(back[WHOLE], wave[WHOLE], atol=1e-6)
    fade = again(np.ones_like(wave))[-HOP:]
    assert (np.diff(fade) <= 1e-6).all() and fade[-1] < 0.15  # no frame follows, so the end fades and does not click


@pytest.mark.parametrize(("hop", "window"), [(160, 512), (250, 1000), (200, 800)])
def test_any_hop_and_window_give_the_wave_back(hop: int, window: int) -> None:
    features, wave = FeatureConfig(hop_length=hop, win_length=window), noise()[: 40 * hop]
    back = again(wave, features)
    np.testing.assert_allclose(back[:-window], wave[:-window], atol=1e-6)


@pytest.mark.parametrize("f0_hz", [70.0, 210.0, 500.0])
def test_corrections_bring_the_mel_nearer_and_keep_the_pitch(f0_hz: float) -> None:
    wave, (f0, gate) = buzz(f0_hz), pitch(f0_hz, True)
    bands = np.linspace(0, 2 * np.pi, FEATURES.n_mels)
    bands = np.maximum(bands, bands[mel_centres_hz(FEATURES) > f0_hz][0])  # below F0, a mel is held
    mel, loudness = shown(wave, f0, gate)
    wanted = mel + 1.5 * np.sin(bands) * np.sin(np.arange(FRAMES) / 8)[:, None]
    distances = []
    for _ in range(3):
        bands_shown, level = shown(wave, f0, gate)
        error = (bands_shown + np.log(10) / 10 * level[..., None]) - (wanted + np.log(10) / 10 * loudness[..., None])
        distances.append(float(np.abs(error[8:-8]).mean()))
        wave = corrected(wave, wanted, f0, gate, loudness, FEATURES)
    assert distances[1] < 0.35 * distances[0] and distances[2] < distances[1]
    spectrum = np.abs(np.fft.rfft(wave[2000:14000] * np.hanning(12000), 1 << 17))
    hz = np.fft.rfftfreq(1 << 17, 1 / FEATURES.sample_rate)
    near = (hz > f0_hz * 1.5) & (hz < f0_hz * 2.5)
    assert 1200 * abs(np.log2(hz[near][spectrum[near].argmax()] / (2 * f0_hz))) < 3


def test_bands_are_joined_by_straight_lines_of_frequency_and_harmonicity_is_not_heard() -> None:
    centres = mel_centres_hz(FEATURES)
    bins_hz = np.linspace(0, FEATURES.sample_rate / 2, FEATURES.n_fft // 2 + 1)
    mel = np.concatenate([1 - 3e-4 * centres, np.full(FEATURES.n_harmonicity, 50.0)])
    expected = 1 - 3e-4 * np.clip(bins_hz, centres[0], centres[-1])  # the end bands are held outwards
    np.testing.assert_allclose(mel @ mel_to_bins(FEATURES), expected, atol=1e-5)
