"""The features found in a mel are those of the sound that it was computed from."""

from typing import Any

import numpy as np
import pytest
import soxr

from voicevae import MelConfig, VoiceVAEError
from voicevae.features import FeatureConfig, extract
from voicevae.features.foreign_frames import Pitch, foreign_frames, pitch_of
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN, VOCOS, ordinary

FEATURES = FeatureConfig()
RATE = FEATURES.sample_rate
TIMES = HIFIGAN.times(50)


def voice(seconds: float, formant_hz: float = 1200.0) -> np.ndarray:
    """Harmonics under a formant, with a little breath, then breath alone."""
    time = np.arange(round(seconds * RATE)) / RATE
    f0_hz = 140 * 2 ** (np.sin(2 * np.pi * 1.5 * time) / 6)
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
    k = np.arange(1, 45)[:, None]
    gain = 0.1 / (1 + ((k * 140 - formant_hz) / 300) ** 2) + 0.003
    sound = (gain * np.sin(k * phase + k**2)).sum(0) * (time < 0.7 * seconds)
    return (sound + np.random.default_rng(0).normal(0, 2e-3, len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def wave() -> np.ndarray:
    return voice(1.2)


@pytest.mark.parametrize("config", [HIFIGAN, VOCOS, PARALLEL_WAVEGAN, ordinary(FEATURES)], ids=lambda c: str(c.log))
def test_timbre_and_level_are_those_of_the_sound(wave: np.ndarray, config: MelConfig) -> None:
    wanted = extract(wave, FEATURES)
    mel = compute_mel(soxr.resample(wave, RATE, config.sample_rate), config)
    pitch = Pitch(np.arange(len(wanted)) / FEATURES.frame_rate, wanted.log_f0, wanted.voicing)
    found = foreign_frames(mel, config, pitch, FEATURES, len(wave))
    assert found.mel.shape == wanted.mel.shape and found.mel.dtype == np.float32
    known = slice(4, -4)  # the ends are mirrored there, and padded with zeros here
    bands = FEATURES.n_mels
    error = np.abs(found.mel - wanted.mel)[known, :bands]
    other = extract(voice(1.2, 2400.0), FEATURES).mel
    assert error.mean() < 0.35 and error.mean() < 0.3 * np.abs(other - wanted.mel)[known, :bands].mean()
    assert np.abs(np.median((found.loudness_db - wanted.loudness_db)[known])) < 1.0
    np.testing.assert_allclose(found.log_f0, wanted.log_f0, atol=1e-5)


def test_a_voice_is_as_harmonic_as_it_sounds_where_the_mel_shows_harmonics(wave: np.ndarray) -> None:
    wanted = extract(wave, FEATURES)
    mel = compute_mel(soxr.resample(wave, RATE, 22050), HIFIGAN)
    pitch = Pitch(np.arange(len(wanted)) / FEATURES.frame_rate, wanted.log_f0, wanted.voicing)
    found = foreign_frames(mel, HIFIGAN, pitch, FEATURES, len(wave))
    shown = slice(FEATURES.n_mels, FEATURES.n_mels + FEATURES.n_harmonicity // 2)
    inside = np.convolve(wanted.voiced, np.ones(9), "same") == 9
    silent = np.convolve(wanted.voiced, np.ones(9), "same") == 0
    assert inside.sum() > 30 and silent.sum() > 10
    assert np.abs(found.mel - wanted.mel)[inside, shown].mean() < 0.3 * wanted.mel[inside, shown].mean()
    assert not found.mel[silent, FEATURES.n_mels :].any()


def test_level_of_a_louder_mel_is_higher_and_its_timbre_the_same(wave: np.ndarray) -> None:
    mel = compute_mel(soxr.resample(wave, RATE, 22050), HIFIGAN)
    pitch = Pitch(HIFIGAN.times(len(mel)), np.full(len(mel), 5.0), np.ones(len(mel)))
    one, two = (foreign_frames(x, HIFIGAN, pitch, FEATURES, len(wave)) for x in (mel, mel + np.log(2)))
    np.testing.assert_allclose(two.loudness_db - one.loudness_db, 20 * np.log10(2), atol=0.01)
    np.testing.assert_allclose(two.mel, one.mel, atol=0.01)


def test_blocks_leave_no_trace(wave: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    mel = compute_mel(soxr.resample(wave, RATE, 22050), HIFIGAN)
    pitch = Pitch(HIFIGAN.times(len(mel)), np.linspace(4.6, 5.4, len(mel)), np.ones(len(mel)))
    whole = foreign_frames(mel, HIFIGAN, pitch, FEATURES, len(wave)).array()
    monkeypatch.setattr("voicevae.features.foreign_frames.BLOCK_FRAMES", 7)
    np.testing.assert_allclose(foreign_frames(mel, HIFIGAN, pitch, FEATURES, len(wave)).array(), whole, atol=1e-3)


def test_f0_is_interpolated_in_the_log_through_unvoiced_frames() -> None:
    f0_hz = np.zeros(50)
    f0_hz[10:20], f0_hz[40:] = 100.0, 200.0
    pitch = pitch_of(f0_hz, TIMES, FEATURES)
    log_f0, voicing = pitch.at(TIMES[[0, 15, 29, 45]])
    between = np.log(100) + np.log(2) * (29 - 19) / (40 - 19)
    np.testing.assert_allclose(log_f0, [np.log(100), np.log(100), between, np.log(200)], rtol=1e-6)
    np.testing.assert_array_equal(voicing, [0, 1, 0, 1])


def test_without_a_voiced_frame_f0_is_in_the_middle_of_its_range() -> None:
    log_f0, voicing = pitch_of(np.zeros(50), TIMES, FEATURES).at(TIMES)
    np.testing.assert_allclose(np.exp(log_f0), np.sqrt(47 * 1100), rtol=1e-5)
    assert not voicing.any()


@pytest.mark.parametrize(
    ("f0_hz", "reason"),
    [
        (np.full(49, 100.0), r"f0_hz has shape \[49\], but the mel has 50 frames"),
        (np.full((50, 1), 100.0), r"f0_hz has shape \[50, 1\]"),
        (np.full(50, np.nan), "f0_hz holds NaN.* give 0 where unvoiced"),
        (np.full(50, 4.6), "f0_hz is 4.6 in frame 0; give Hz, .* not logarithms"),
        (np.full(50, -1.0), "f0_hz is -1 in frame 0"),
        (np.full(50, 1e5), r"f0_hz is 1e\+05 in frame 0"),
        ("high", "f0_hz is a str"),
    ],
)
def test_what_is_no_f0_is_refused(f0_hz: Any, reason: str) -> None:
    with pytest.raises(VoiceVAEError, match=reason):
        pitch_of(f0_hz, TIMES, FEATURES)
