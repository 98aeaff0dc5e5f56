import numpy as np
import pytest

from voicevae.evaluation.metrics import formants
from voicevae.features import FeatureConfig

RATE = 16000
CONFIG = FeatureConfig()
VOWEL = ((650.0, 90.0), (1150.0, 110.0), (2500.0, 160.0), (3500.0, 250.0))  # Hz, bandwidths: an /a/


def vowel(f0_hz: float, cents: float = 0.0, seconds: float = 0.8) -> np.ndarray:
    """Harmonics of a slow glide, each as loud as four analogue resonances moved by `cents` make it, `[n]`."""
    n = round(seconds * RATE)
    contour = f0_hz * (1 + 0.08 * np.sin(2 * np.pi * 1.5 * np.arange(n) / RATE))
    phase = 2 * np.pi * np.cumsum(contour) / RATE
    wave = np.zeros(n)
    for k in range(1, int(7800 / contour.max())):
        hz = k * contour / 2 ** (cents / 1200)
        wave += np.cos(k * phase) / np.prod([np.hypot(1 - (hz / f) ** 2, b * hz / f**2) for f, b in VOWEL], axis=0)
    noise = np.random.default_rng(0).standard_normal(n)
    return (0.3 * wave / np.abs(wave).max() + 1e-4 * noise).astype(np.float32)


def test_a_wave_has_not_drifted_from_itself() -> None:
    assert formants.drift_cents(vowel(140.0), 0.2 * vowel(140.0), CONFIG) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("semitones", [-6.0, 4.0, 7.0])
def test_pitch_alone_is_no_drift(semitones: float) -> None:
    shifted = vowel(140.0 * 2 ** (semitones / 12))
    assert formants.drift_cents(vowel(140.0), shifted, CONFIG) == pytest.approx(0, abs=8)


@pytest.mark.parametrize(("f0_hz", "cents"), [(140.0, 100.0), (110.0, 250.0), (180.0, 125.0), (180.0, -250.0)])
def test_formants_moved_by_a_ratio_have_drifted_by_it_at_any_pitch(f0_hz: float, cents: float) -> None:
    assert formants.drift_cents(vowel(140.0), vowel(f0_hz, cents), CONFIG) == pytest.approx(cents, abs=12)


@pytest.mark.parametrize("shift", [-7, 0, 12])
def test_a_moved_envelope_is_found_exactly(shift: int) -> None:
    rng = np.random.default_rng(0)
    curve = np.cumsum(rng.standard_normal((4, 300)), 1)
    source, made = curve[:, 20:270], curve[:, 20 - shift : 270 - shift]
    assert formants.warps_cents(source, 3 * made + 1) == pytest.approx(shift * formants.STEP_CENTS, abs=5)


def test_without_voice_it_is_undefined() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert np.isnan(formants.drift_cents(noise, noise, CONFIG))
    assert np.isnan(formants.drift_cents(noise[:1000], noise[:1000], CONFIG))
    assert np.isnan(formants.evaluate([(noise, noise)], CONFIG)["median_cents"])


def test_evaluate_keeps_the_sign_of_the_median_and_the_worst() -> None:
    low, high = vowel(140.0), vowel(140.0, 200.0)
    found = formants.evaluate([(low, high), (low, high), (high, low)], CONFIG)
    assert found["median_cents"] == pytest.approx(200, abs=10)
    assert found["worst_cents"] == pytest.approx(200, abs=10)


@pytest.mark.parametrize("made", [np.ones(10), np.zeros(RATE), np.full(RATE, np.nan)])
def test_bad_waves_raise(made: np.ndarray) -> None:
    with pytest.raises(ValueError, match="shape|finite"):
        formants.drift_cents(np.ones(RATE), made, CONFIG)
