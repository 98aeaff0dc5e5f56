"""Measures of frames whose answer is known in closed form."""

from dataclasses import replace

import numpy as np
import pytest

from voicevae.features import Contours, FeatureConfig
from voicevae.features.mel import mel_centres_hz
from voicevae.features.vtlp import warp_matrix
from voicevae.verbs.measure import formant_shift, measure, tilt

CONFIG = FeatureConfig()
OCTAVES = np.log2(mel_centres_hz(CONFIG))
CHANNELS = len(warp_matrix(np.ones(1), CONFIG)[0])


def mel(slope_db: float = 0.0, frames: int = 800) -> np.ndarray:
    """Two formants that move, on a slope in dB an octave."""
    time = np.arange(frames)[:, None] / CONFIG.frame_rate
    peaks = [np.log2(centre * 2 ** (0.4 * np.sin(4 * time))) for centre in (700.0, 1900.0)]
    shape = sum(3 * np.exp(-(((OCTAVES - peak) / 0.25) ** 2)) for peak in peaks)
    made = np.zeros((frames, CHANNELS), np.float32)
    made[:, : CONFIG.n_mels] = shape + slope_db * np.log(10) / 10 * OCTAVES
    return made


def contours(sway: float = 2.0, rate_hz: float = 3.0, level_db: float = -30.0, frames: int = 800) -> Contours:
    """log-F0 about 150 Hz that sways by `sway` semitones, voiced, of one loudness."""
    time = np.arange(frames) / CONFIG.frame_rate
    log_f0 = np.log(150) + np.log(2) / 12 * sway * np.sin(2 * np.pi * rate_hz * time)
    return Contours.from_array(Contours(log_f0, np.ones(frames), np.full(frames, level_db)).array())


def test_a_sine_has_its_mean_std_and_speed() -> None:
    found = measure(mel(), contours(sway=2.0, rate_hz=3.0, level_db=-25), CONFIG)
    assert found[0] == pytest.approx(12 * np.log2(150), abs=0.05)
    assert found[1] == pytest.approx(2 / np.sqrt(2), rel=0.01)
    assert found[2] == pytest.approx(4 * 3.0 * 2, rel=0.02)  # up and down by 2 x 2 semitones, three times a second
    assert found[3] == pytest.approx(-25, abs=1e-3)


@pytest.mark.parametrize("slope_db", [-6.0, 3.0])
def test_a_slope_is_the_tilt(slope_db: float) -> None:
    assert tilt(mel(slope_db)[0] - mel(0)[0], CONFIG) == pytest.approx(slope_db, abs=1e-3)
    assert tilt(mel(slope_db)[0] + 7, CONFIG) == pytest.approx(tilt(mel(slope_db)[0], CONFIG), abs=1e-3)


@pytest.mark.parametrize("semitones", [-3.0, -0.5, 0.0, 1.0, 2.5])
def test_a_warp_is_found_whatever_tilt_and_level_are(semitones: float) -> None:
    before = mel(-3)
    after = before @ warp_matrix(np.array([2 ** (semitones / 12)]), CONFIG)[0] + 2
    after[:, : CONFIG.n_mels] += 0.3 * OCTAVES.astype(np.float32)
    assert formant_shift(before, after, contours(), CONFIG) == pytest.approx(semitones, abs=0.1)
    assert formant_shift(after, before, contours(), CONFIG) == pytest.approx(-semitones, abs=0.15)


def test_whispered_frames_say_nothing_of_formants() -> None:
    whisper = replace(contours(), voicing=np.zeros(800))
    assert formant_shift(mel(), mel(-6), whisper, CONFIG) == 0
    assert np.isfinite(measure(mel(), whisper, CONFIG)).all()
