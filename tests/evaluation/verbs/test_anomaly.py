"""AUROC on closed forms, and damages that do what they say."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from voicevae.evaluation.clips import Clip
from voicevae.evaluation.verbs import anomaly
from voicevae.evaluation.verbs.anomaly import Scored

RATE = 16000


def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def wave(harmonic: Callable[..., np.ndarray]) -> np.ndarray:
    return harmonic(150.0, 1.5)


def test_auroc_of_closed_forms() -> None:
    assert anomaly.auroc([0, 1], [2, 3]) == 1
    assert anomaly.auroc([2, 3], [0, 1]) == 0
    assert anomaly.auroc([1, 1], [1]) == 0.5
    assert anomaly.auroc([0, 2], [1]) == 0.5


def test_auroc_agrees_with_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    clean, damaged = random().normal(size=40).round(1), random().normal(0.5, 1, 30).round(1)
    wanted = metrics.roc_auc_score([0] * 40 + [1] * 30, [*clean, *damaged])
    assert anomaly.auroc(clean, damaged) == pytest.approx(wanted)


@pytest.mark.parametrize(("clean", "damaged"), [([], [1.0]), ([1.0], []), ([np.nan], [1.0])])
def test_scores_that_cannot_be_compared_are_refused(clean: list[float], damaged: list[float]) -> None:
    with pytest.raises(ValueError, match="finite scores"):
        anomaly.auroc(clean, damaged)


def test_everything_about_scores() -> None:
    def scored(z: float, nats: float) -> Scored:
        return Scored(z, nats, 100.0 if z > 2 else 50.0)

    scores = {"clean": [scored(0, 5), scored(3, 5)], "a": [scored(4, 5)], "b": [scored(1, 9), scored(5, 1)]}
    found = anomaly.evaluate(scores)
    assert found["auroc"] == {"a": 1.0, "b": 0.75} and found["mean"] == 0.875 and found["worst"] == 0.75
    assert found["elbo"] == {"a": 0.5, "b": 0.5} and found["false_alarms"] == 0.5 and found["recordings"] == 2


def test_every_clip_is_scored_in_every_way(corpus: Path) -> None:
    heard = []

    class Listener:
        sample_rate = RATE

        def score(self, sound: np.ndarray, rate: int) -> SimpleNamespace:
            heard.append(len(sound))
            return SimpleNamespace(z=0.0, nats=0.0, percentile=0.0)

    clip = Clip("a0", "set/a", corpus / "set" / "a" / "a0.wav", 2.0)
    scores = anomaly.score_all(Listener(), [clip])  # type: ignore[arg-type]
    assert set(scores) == {"clean", *anomaly.DAMAGES} and all(len(own) == 1 for own in scores.values())
    assert sorted(heard) == [8000] + [32000] * 6 and anomaly.STEPS == 7


# --- damages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", anomaly.DAMAGES)
def test_a_damage_is_its_generators_and_leaves_the_wave_alone(wave: np.ndarray, name: str) -> None:
    before = wave.copy()
    one, two = (anomaly.DAMAGES[name](wave, RATE, random()) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(wave, before)
    assert one.dtype == np.float32 and np.isfinite(one).all()


def power(x: np.ndarray) -> float:
    return float(np.mean(np.square(x, dtype=np.float64)))


def test_each_does_what_it_says(wave: np.ndarray) -> None:
    np.testing.assert_array_equal(anomaly.reversed_(anomaly.reversed_(wave, RATE, random()), RATE, random()), wave)
    assert power(anomaly.noise(wave, RATE, random()) - wave) == pytest.approx(power(wave), rel=0.02)
    clipped = anomaly.clipping(wave, RATE, random())
    assert np.mean(np.abs(clipped) > 0.999 * np.abs(clipped).max()) > 0.2
    assert power(clipped) == pytest.approx(power(wave), rel=1e-4)
    gaps = anomaly.dropouts(wave, RATE, random())
    assert 0.05 < np.mean(gaps == 0) < 0.4 and np.isin(gaps, [0.0, *wave]).all()
    assert len(anomaly.fast(wave, RATE, random())) == pytest.approx(len(wave) / 4, abs=2)
    assert power(anomaly.tones(wave, RATE, random())) == pytest.approx(power(wave), rel=1e-4)


def test_four_times_the_speed_is_four_times_the_pitch(harmonic: Callable[..., np.ndarray]) -> None:
    spectrum = np.abs(np.fft.rfft(anomaly.fast(harmonic(100.0, 2.0), RATE, random())))
    assert np.argmax(spectrum) * 2 == pytest.approx(400, abs=4)
