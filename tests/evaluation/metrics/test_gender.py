"""Formants of synthetic vowels, and a judge on what it cannot mistake."""

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from voicevae.evaluation.metrics import gender
from voicevae.features import FeatureConfig

pytest.importorskip("librosa", reason="librosa is not installed")
pytest.importorskip("sklearn", reason="scikit-learn is not installed")

RATE = 16000
FORMANTS = (600.0, 1500.0, 2500.0, 3600.0)


def vowel(f0_hz: float, scale: float = 1.0, seconds: float = 0.8) -> np.ndarray:
    """Pulses through four resonances at `scale` times `FORMANTS`."""
    wave = np.zeros(round(seconds * RATE))
    wave[(np.arange(0, seconds, 1 / f0_hz) * RATE).astype(int)] = 1.0
    for hz in FORMANTS:
        radius, angle = np.exp(-np.pi * 80 / RATE), 2 * np.pi * scale * hz / RATE
        wave = signal.lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], wave)
    wave += 1e-4 * np.random.default_rng(0).standard_normal(len(wave)) * np.abs(wave).max()
    return (0.3 * wave / np.abs(wave).max()).astype(np.float32)


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.15])
def test_resonances_are_found(scale: float) -> None:
    found = gender.formants_hz(vowel(110, scale), np.arange(0.1, 0.7, 0.02), RATE)
    np.testing.assert_allclose(found, scale * np.array(FORMANTS), rtol=0.08)


def test_too_little_voice_has_no_formants() -> None:
    assert np.isnan(gender.formants_hz(vowel(110), np.array([0.2, 0.3]), RATE)).all()


def test_features_are_the_pitch_and_the_formants() -> None:
    found = gender.features(vowel(130, 1.1), FeatureConfig())
    assert np.exp(found[0]) == pytest.approx(130, rel=0.02)
    np.testing.assert_allclose(np.exp(found[1:]), 1.1 * np.array(FORMANTS), rtol=0.06)


def test_a_classifier_knows_its_training_data(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    known = np.concatenate([random.normal(m, 0.1, (20, 5)) for m in (4.8, 5.4)])
    classifier = gender.GenderClassifier(known, ["male"] * 20 + ["female"] * 20)
    heard = classifier.classify(np.array([[4.8] * 5, [5.4] * 5, [np.nan] * 5]))
    assert heard == ["male", "female", ""]
    found = gender.evaluate(["male", "male", "female"], heard)
    assert found == {"accuracy": pytest.approx(1 / 3), "male": 0.5, "female": 0.0}


@pytest.mark.parametrize("genders", [["male"] * 3, ["male", "female"]])
def test_what_teaches_nothing_is_refused(genders: list[str]) -> None:
    with pytest.raises(ValueError, match="genders"):
        gender.GenderClassifier(np.ones((3, 5)), genders)
