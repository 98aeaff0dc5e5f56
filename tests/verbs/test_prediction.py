"""What linear prediction knows: sounds that go on."""

import numpy as np
import pytest

from voicevae.verbs.prediction import interpolate

RATE = 16000


def steady(f0_hz: float, n: int = 6000) -> np.ndarray:
    time = np.arange(n) / RATE
    tone = sum(np.sin(2 * np.pi * f0_hz * k * time + k**2) / k for k in range(1, 8))
    return (0.1 * tone + np.random.default_rng(0).normal(0, 3e-4, n)).astype(np.float32)


@pytest.mark.parametrize("n", [1, 16, 160, 640])
@pytest.mark.parametrize("f0_hz", [80.0, 210.0])
def test_a_steady_voice_is_restored(n: int, f0_hz: float) -> None:
    wave = steady(f0_hz)
    made = interpolate(wave, 3000, 3000 + n, RATE)
    assert made.shape == (n,) and made.dtype == np.float32
    assert np.abs(made - wave[3000 : 3000 + n]).max() < 0.02


def test_what_lies_in_the_gap_does_not_count() -> None:
    wave = steady(120)
    other = wave.copy()
    other[3000:3100] = 1
    np.testing.assert_array_equal(interpolate(wave, 3000, 3100, RATE), interpolate(other, 3000, 3100, RATE))


def test_of_a_long_gap_the_edges_are_predicted_and_the_middle_is_silent() -> None:
    wave = steady(150)
    made, known = interpolate(wave, 2000, 4000, RATE), wave[2000:4000]
    assert np.abs(made - known)[:320].max() < 0.02 and np.abs(made - known)[-320:].max() < 0.02
    assert not made[320:-320].any()


def test_time_reversed_it_is_the_same() -> None:
    wave = steady(130)
    made = interpolate(wave[::-1].copy(), 2000, 2400, RATE)[::-1]
    np.testing.assert_allclose(made, interpolate(wave, 6000 - 2400, 6000 - 2000, RATE), atol=0.01)


@pytest.mark.parametrize(("start", "end"), [(0, 100), (5900, 6000), (0, 6000)])
def test_there_may_be_only_one_side_or_none(start: int, end: int) -> None:
    made = interpolate(steady(150), start, end, RATE)
    assert made.shape == (end - start,) and np.isfinite(made).all() and np.abs(made).max() <= 1
