"""Saliences: a periodic frame is salient at its pitch, whatever the level; the windows end 20 ms after the centre."""

import numpy as np
import pytest

from voicevae.features import FeatureConfig
from voicevae.features.salience import CHANNELS, N_BANDS, look_ahead, pitches_hz, saliences, span

CONFIG = FeatureConfig()
LONG, SHORT, LONG_COMB, SHORT_COMB = range(4)  # channels


def buzz(hz: float) -> np.ndarray:
    time = np.arange(span(CONFIG)) / CONFIG.sample_rate
    return sum(0.1 * np.cos(2 * np.pi * hz * h * time + h) for h in range(1, int(3000 / hz))).astype(np.float32)


def test_the_grid_covers_the_range_in_steps_of_a_third_of_a_semitone() -> None:
    hz = pitches_hz(CONFIG)
    assert hz[0] == CONFIG.f0_min_hz and CONFIG.f0_max_hz <= hz[-1] < CONFIG.f0_max_hz * 2 ** (1 / 36)
    assert np.diff(np.log2(hz)) == pytest.approx(1 / 36)
    assert (span(CONFIG), look_ahead(CONFIG)) == (1024, 320)


@pytest.mark.parametrize("hz", [90.0, 130.0, 210.0])
def test_a_buzz_is_most_salient_at_its_pitch(hz: float) -> None:
    found, step = saliences(buzz(hz), CONFIG), 2 ** (0.75 / 36)
    for channel in (LONG_COMB, *([SHORT_COMB] if hz > 100 else [])):
        assert hz / step < pitches_hz(CONFIG)[found.pitch[channel].argmax()] < hz * step
    near = np.abs(np.log2(pitches_hz(CONFIG) / hz)).argmin()
    assert found.pitch[LONG, near] > 0.9 and found.pitch[SHORT, near] > 0.8


def test_only_the_last_40_ms_are_in_the_short_window() -> None:
    wave, other = buzz(130.0), buzz(130.0)
    other[: span(CONFIG) - 640] = 0
    found, changed = saliences(wave, CONFIG), saliences(other, CONFIG)
    np.testing.assert_array_equal(found.pitch[SHORT], changed.pitch[SHORT])
    np.testing.assert_array_equal(found.bands, changed.bands)
    assert np.abs(found.pitch[LONG] - changed.pitch[LONG]).max() > 0.01


def test_the_level_changes_the_power_alone() -> None:
    wave = buzz(130.0) + np.random.default_rng(0).normal(0, 1e-3, span(CONFIG)).astype(np.float32)
    plain, soft = saliences(wave, CONFIG), saliences(wave * np.float32(0.01), CONFIG)
    np.testing.assert_allclose(plain.pitch, soft.pitch, atol=1e-2)
    np.testing.assert_allclose(plain.bands, soft.bands, atol=1e-2)
    assert plain.power_db - soft.power_db == pytest.approx(40.0, abs=1e-3)


def test_frames_in_batches_are_those_one_by_one_and_silence_is_finite() -> None:
    frames = np.stack([buzz(130.0), buzz(300.0), np.zeros(span(CONFIG), np.float32)])
    found = saliences(frames[None], CONFIG)
    assert found.pitch.shape == (1, 3, CHANNELS, len(pitches_hz(CONFIG))) and found.bands.shape == (1, 3, N_BANDS)
    for i, frame in enumerate(frames):
        alone = saliences(frame, CONFIG)
        for name in ("pitch", "bands", "power_db"):
            assert getattr(found, name).dtype == np.float32
            np.testing.assert_allclose(getattr(found, name)[0, i], getattr(alone, name), atol=1e-4)
    assert found.power_db[0, 2] == pytest.approx(-120) and np.isfinite(found.pitch).all()
