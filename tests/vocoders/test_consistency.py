"""A correction moves a wave towards the features that were asked for, and leaves one alone that has them."""

import numpy as np
import pytest
import torch

from voicevae.features import FeatureConfig
from voicevae.features.mel import harmonic_free, mel_centres_hz, mel_to_bins, power_spectrum
from voicevae.vocoders.consistency import LIMIT, Consistency
from voicevae.vocoders.excitation import pulse_train

FEATURES = FeatureConfig()
HOP, FRAMES = FEATURES.hop_length, 80
WHOLE = slice(0, -FEATURES.win_length)  # where all frames that overlap are there


def pitch(f0_hz: float, voiced: bool) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.full((1, FRAMES), f0_hz), torch.full((1, FRAMES), voiced)


def shown(wave: torch.Tensor, f0_hz: torch.Tensor, voiced: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Bands `[1, T, n_mels]` and loudness `[1, T]` of a wave."""
    mel, loudness = harmonic_free(
        wave, *(torch.nn.functional.pad(x[0], (0, 1))[None] for x in (f0_hz, voiced)), FEATURES
    )
    return mel[:, :-1, : FEATURES.n_mels], loudness[:, :-1]


def buzz(f0_hz: float) -> torch.Tensor:
    log_f0 = torch.full((1, FRAMES), np.log(f0_hz))
    return 0.1 * pulse_train(log_f0, torch.ones_like(log_f0), HOP, FEATURES.sample_rate)[0].float()


def noise() -> torch.Tensor:
    return 0.1 * torch.randn(1, FRAMES * HOP, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("f0_hz", "voiced"), [(70.0, True), (210.0, True), (100.0, False)])
def test_a_wave_with_the_features_asked_for_is_left_alone(f0_hz: float, voiced: bool) -> None:
    wave = buzz(f0_hz) if voiced else noise()
    f0, gate = pitch(f0_hz, voiced)
    mel, loudness = shown(wave, f0, gate)
    made = Consistency(FEATURES)(wave, mel, f0, gate, loudness)
    np.testing.assert_allclose(made[:, WHOLE], wave[:, WHOLE], atol=2e-4)


@pytest.mark.parametrize("gain_db", [-30.0, 6.0, 30.0])
def test_more_loudness_is_a_plain_gain(gain_db: float) -> None:
    wave, (f0, gate) = noise(), pitch(100.0, False)
    mel, loudness = shown(wave, f0, gate)
    made = Consistency(FEATURES)(wave, mel, f0, gate, loudness + gain_db)
    gain = 10 ** (gain_db / 20)
    np.testing.assert_allclose(made[:, WHOLE], gain * wave[:, WHOLE], atol=2e-3 * gain)


@pytest.mark.parametrize("gain_db", [-300.0, 300.0])
def test_one_correction_adds_or_takes_only_so_much(gain_db: float) -> None:
    wave, (f0, gate) = noise(), pitch(100.0, False)
    mel, loudness = shown(wave, f0, gate)
    made = Consistency(FEATURES)(wave, mel, f0, gate, loudness + gain_db)
    gain = np.exp(np.sign(gain_db) * LIMIT / 2)
    np.testing.assert_allclose(made[:, WHOLE], gain * wave[:, WHOLE], atol=1e-5 * gain)


def test_a_wish_reaches_no_further_than_it_says() -> None:
    wave, (f0, gate), consistency = noise(), pitch(100.0, False), Consistency(FEATURES)
    mel, loudness = shown(wave, f0, gate)
    wished = mel.clone()
    wished[:, 40] += 2.0
    before, after = (consistency(wave, m, f0, gate, loudness)[0] for m in (mel, wished))
    moved = torch.nonzero((before - after).abs() > 1e-6).flatten() // HOP
    assert moved.min() >= 40 - consistency.reach and moved.max() <= 40 + consistency.reach
    assert len(moved) > HOP


def test_silence_stays_finite_and_has_a_gradient() -> None:
    wave = torch.zeros(1, FRAMES * HOP, requires_grad=True)
    f0, gate = pitch(100.0, True)
    made = Consistency(FEATURES)(
        wave, torch.zeros(1, FRAMES, FEATURES.n_mels), f0, gate, torch.full((1, FRAMES), -20.0)
    )
    made.sum().backward()
    assert not made.any() and wave.grad is not None and wave.grad.isfinite().all()


def test_the_spectrum_is_that_of_the_features_and_its_inverse_the_wave() -> None:
    wave, consistency = noise(), Consistency(FEATURES)
    spectrum = consistency.stft(wave)
    power = spectrum.abs().square() / consistency.window.square().sum()
    np.testing.assert_allclose(power, power_spectrum(wave, FEATURES)[:, :FRAMES], rtol=1e-3, atol=1e-7)
    back = consistency.istft(spectrum)
    np.testing.assert_allclose(back[:, WHOLE], wave[:, WHOLE], atol=1e-6)
    fade = consistency.istft(consistency.stft(torch.ones_like(wave)))[0, -HOP:]
    assert (fade.diff() <= 1e-6).all() and fade[-1] < 0.15  # no frame follows, so the end fades and does not click


@pytest.mark.parametrize(("hop", "window"), [(160, 512), (250, 1000), (200, 800)])
def test_any_hop_and_window_give_the_wave_back(hop: int, window: int) -> None:
    consistency = Consistency(FeatureConfig(hop_length=hop, win_length=window))
    wave = noise()[:, : 40 * hop]
    np.testing.assert_allclose(consistency.istft(consistency.stft(wave))[:, :-window], wave[:, :-window], atol=1e-6)


@pytest.mark.parametrize("f0_hz", [70.0, 210.0, 500.0])
def test_corrections_bring_the_mel_nearer_and_keep_the_pitch(f0_hz: float) -> None:
    wave, (f0, gate) = buzz(f0_hz), pitch(f0_hz, True)
    bands = torch.linspace(0, 2 * np.pi, FEATURES.n_mels)
    mel, loudness = shown(wave, f0, gate)
    wanted = mel + 1.5 * torch.sin(bands) * torch.sin(torch.arange(FRAMES) / 8)[:, None]
    consistency, distances = Consistency(FEATURES), []
    for _ in range(3):
        bands_shown, level = shown(wave, f0, gate)
        error = (bands_shown + np.log(10) / 10 * level[..., None]) - (wanted + np.log(10) / 10 * loudness[..., None])
        distances.append(float(error[:, 8:-8].abs().mean()))
        wave = consistency(wave, wanted, f0, gate, loudness)
    assert distances[1] < 0.35 * distances[0] and distances[2] < distances[1]
    spectrum = np.abs(np.fft.rfft(wave[0, 2000:14000].numpy() * np.hanning(12000), 1 << 17))
    hz = np.fft.rfftfreq(1 << 17, 1 / FEATURES.sample_rate)
    near = (hz > f0_hz * 1.5) & (hz < f0_hz * 2.5)
    assert 1200 * abs(np.log2(hz[near][spectrum[near].argmax()] / (2 * f0_hz))) < 3


def test_bands_are_joined_by_straight_lines_of_frequency_and_harmonicity_is_not_heard() -> None:
    centres = mel_centres_hz(FEATURES)
    bins_hz = torch.linspace(0, FEATURES.sample_rate / 2, FEATURES.n_fft // 2 + 1)
    mel = torch.cat([1 - 3e-4 * centres, torch.full((FEATURES.n_harmonicity,), 50.0)])
    expected = 1 - 3e-4 * bins_hz.clamp(float(centres[0]), float(centres[-1]))  # the end bands are held outwards
    np.testing.assert_allclose(mel @ mel_to_bins(FEATURES), expected, atol=1e-5)
