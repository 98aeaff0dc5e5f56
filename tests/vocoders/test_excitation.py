"""The sources are white with unit power, exact in pitch, and the same however they are cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicevae.vocoders.excitation import NOISE_BLOCK, pulse_train, white_noise

HOP, RATE = 200, 16000


def steady(f0_hz: float, frames: int = 80) -> np.ndarray:
    """One second of pulses `[RATE]` at a constant F0."""
    return pulse_train(np.full(frames, np.log(f0_hz)), np.ones(frames), HOP, RATE)[0]


@pytest.mark.parametrize("f0_hz", [51.0, 100.0, 123.0, 317.0, 700.0])
def test_every_partial_below_nyquist_sounds_at_equal_power_and_nothing_else(f0_hz: float) -> None:
    # A whole number of periods in one second: the spectrum has lines of 1 Hz.
    power = np.abs(np.fft.rfft(steady(f0_hz).astype(np.float64)) / RATE) ** 2 * 2
    ratio = RATE / 2 / f0_hz
    full = int(ratio) - 1  # partials at full strength; one more fades in below Nyquist
    lines = power[int(f0_hz) :: int(f0_hz)]
    np.testing.assert_allclose(lines[:full], 1 / ratio, rtol=0.02)
    assert lines[full] <= 1.02 / ratio and len(lines) == full + 1
    between = power.sum() - lines.sum()
    assert between < 1e-4 * power.sum()  # an alias would fall between the lines


@pytest.mark.parametrize("f0_hz", [51.0, 123.0, 317.0, 700.0])
def test_power_is_one_but_for_the_partial_that_fades(f0_hz: float) -> None:
    ratio = RATE / 2 / f0_hz
    expected = (int(ratio) - 1 + (ratio - int(ratio)) ** 2) / ratio
    assert float(np.square(steady(f0_hz)).mean()) == pytest.approx(expected, rel=0.02)


def test_a_glide_is_the_sum_of_its_partials() -> None:
    log_f0 = np.linspace(np.log(90), np.log(410), 40)
    made, _ = pulse_train(log_f0, np.ones(40), HOP, RATE)
    f0_hz = np.exp(np.interp(np.arange(40 * HOP) / HOP, np.arange(40), log_f0))
    cycles = np.concatenate([[0], np.cumsum(f0_hz)[:-1] / RATE])
    ratio = RATE / 2 / f0_hz
    partial = np.arange(1, 90)[:, None]
    weight = np.where(partial <= np.floor(ratio) - 1, 1.0, np.where(partial == np.floor(ratio), ratio % 1, 0.0))
    expected = (weight * np.cos(2 * np.pi * partial * cycles)).sum(0) * np.sqrt(2 / ratio)
    assert np.sqrt(np.mean((made - expected) ** 2)) < 0.01


def test_phase_goes_on_across_a_cut() -> None:
    random = np.random.default_rng(0)
    log_f0 = 5 + 0.3 * np.cumsum(random.normal(0, 0.1, 60))
    voicing = random.random(60).round()
    whole, phases = pulse_train(log_f0, voicing, HOP, RATE)
    for cut in (1, 17, 59):
        rest, _ = pulse_train(log_f0[cut:], voicing[cut:], HOP, RATE, phases[cut])
        np.testing.assert_allclose(rest, whole[cut * HOP :], atol=0.02)


def test_nothing_sounds_where_nothing_is_voiced() -> None:
    voicing = np.zeros(20)
    voicing[12:] = 1
    pulses, _ = pulse_train(np.full(20, 5.0), voicing, HOP, RATE)
    assert not pulses[: 11 * HOP + 1].any() and pulses[12 * HOP :].any()


def test_pulses_stay_finite_at_any_pitch() -> None:
    log_f0 = np.array([-3.0, 0.0, 3.0, 6.0, 9.0, 12.0])
    assert np.isfinite(pulse_train(log_f0, np.ones(6), HOP, RATE)[0]).all()


@settings(max_examples=25, deadline=None)
@given(
    start=st.one_of(st.integers(0, 3 * NOISE_BLOCK), st.sampled_from([0, NOISE_BLOCK - 1, NOISE_BLOCK])),
    length=st.one_of(st.integers(1, NOISE_BLOCK), st.sampled_from([1, NOISE_BLOCK])),
    seed=st.integers(0, 2**32),
)
def test_noise_does_not_depend_on_where_it_is_cut(start: int, length: int, seed: int) -> None:
    whole = white_noise(0, start + length, seed)
    assert np.array_equal(white_noise(start, length, seed), whole[start:])


def test_noise_is_white_of_unit_power_and_its_own_for_each_seed() -> None:
    one, two = white_noise(0, 4 * NOISE_BLOCK, 0), white_noise(0, 4 * NOISE_BLOCK, 1)
    assert float(one.var()) == pytest.approx(1, abs=0.02) and float(one.mean()) == pytest.approx(0, abs=0.02)
    for other in (two, np.roll(one, 1), np.roll(one, NOISE_BLOCK)):
        assert abs(float((one * other).mean())) < 0.02
