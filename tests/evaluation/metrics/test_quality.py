from collections.abc import Callable
from math import exp

import numpy as np
import pytest
from scipy.signal import resample_poly

from voicevae.evaluation.metrics import quality

BEST_PESQ = 0.999 + 4 / (1 + exp(-1.3669 * 4.5 + 3.8224))  # P.862.2 maps a raw 4.5, no distortion, to this


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """Two seconds of a vowel that comes and goes, `[n]` at 16 kHz."""
    time = np.arange(32000) / 16000
    phase = 2 * np.pi * np.cumsum(140 + 20 * np.sin(5 * time)) / 16000
    tone = sum(np.sin(k * phase) / (1 + abs(k - 4)) for k in range(1, 30))
    noise = np.random.default_rng(0).standard_normal(32000)
    return ((0.1 * np.clip(np.sin(2 * np.pi * 2 * time), 0, 1)) * tone + 1e-4 * noise).astype(np.float32)


def noisy(wave: np.ndarray, snr_db: float) -> np.ndarray:
    noise = np.random.default_rng(1).standard_normal(len(wave))
    return wave + noise * wave.std() / noise.std() * 10 ** (-snr_db / 20)


def test_pesq_of_a_wave_with_itself_is_the_best_there_is(speech: np.ndarray) -> None:
    pytest.importorskip("pesq")
    assert quality.pesq(speech, speech, 16000) == pytest.approx(BEST_PESQ, abs=1e-3)
    assert quality.pesq(speech, 0.3 * speech, 16000) == pytest.approx(BEST_PESQ, abs=0.01)


def test_stoi_of_a_wave_with_itself_is_one_at_any_level(speech: np.ndarray) -> None:
    pytest.importorskip("pystoi")
    assert quality.stoi(speech, speech, 16000) == pytest.approx(1)
    assert quality.stoi(speech, 0.3 * speech, 16000) == pytest.approx(1)


@pytest.mark.parametrize(("metric", "package"), [(quality.pesq, "pesq"), (quality.stoi, "pystoi")])
def test_more_noise_is_rated_lower(metric: Callable[..., float], package: str, speech: np.ndarray) -> None:
    pytest.importorskip(package)
    found = [metric(speech, noisy(speech, snr_db), 16000) for snr_db in (40, 15, 0)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[2] + 0.1


def test_pesq_at_another_rate_is_that_at_16_khz(speech: np.ndarray) -> None:
    pytest.importorskip("pesq")
    high, made = (resample_poly(wave, 3, 2) for wave in (speech, noisy(speech, 20)))
    wanted = quality.pesq(speech, noisy(speech, 20), 16000)
    assert quality.pesq(high, made, 24000) == pytest.approx(wanted, abs=0.1)


def test_dnsmos_repeats_what_is_short_and_scales_what_is_loud(speech: np.ndarray) -> None:
    pytest.importorskip("speechmos")
    found = quality.dnsmos(speech, 16000)
    assert 1 <= found <= 5
    assert quality.dnsmos(np.tile(speech, 3), 16000) == pytest.approx(found, abs=1e-4)
    loudest = speech / np.abs(speech).max()
    assert quality.dnsmos(5 * loudest, 16000) == pytest.approx(quality.dnsmos(loudest, 16000), abs=1e-3)


def test_evaluate_takes_medians(speech: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "missing", dict)
    monkeypatch.setattr(quality, "pesq", lambda reference, made, rate: float(made[0]))
    monkeypatch.setattr(quality, "stoi", lambda reference, made, rate: float(made[1]))
    monkeypatch.setattr(quality, "dnsmos", lambda wave, rate: float(wave[2]))
    reference = np.array([9.0, 9.0, 3.0])
    pairs = [(reference, np.array(made)) for made in ([1.0, 0.5, 2.0], [2.0, 0.9, 4.0], [4.0, 0.8, 2.5])]
    wanted = {"pesq": 2.0, "stoi": 0.8, "dnsmos": 2.5, "dnsmos_reference": 3.0}
    assert quality.evaluate(pairs, 16000) == wanted


def test_a_missing_package_is_named_and_its_figures_are_absent(
    speech: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality, "PACKAGES", {"pesq": ["pesq"], "stoi": ["no_such_stoi"], "dnsmos": ["no_such_mos"]})
    monkeypatch.setattr(quality, "pesq", lambda reference, made, rate: 4.0)
    assert "no_such_mos is not installed" in quality.missing()["dnsmos"]
    found = quality.evaluate([(speech, speech)], 16000)
    assert found["stoi"] is None and found["dnsmos"] is None and found["dnsmos_reference"] is None


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (np.zeros(32000), "sound"),
        (np.full(32000, np.nan), "finite"),
        (np.ones(31999), "shape"),
        (np.ones((2, 32000)), "shape"),
    ],
)
def test_bad_waves_raise(made: np.ndarray, reason: str, speech: np.ndarray) -> None:
    with pytest.raises(ValueError, match=reason):
        quality.validate(made, 16000, speech)


def test_too_short_waves_raise(speech: np.ndarray) -> None:
    pytest.importorskip("pystoi")
    with pytest.raises(ValueError, match="0.25 s"):
        quality.validate(speech[:3999], 16000)
    with pytest.raises(ValueError, match="0.4 s of speech"):
        quality.stoi(speech[:4800], speech[:4800], 16000)


def test_nothing_to_rate_raises() -> None:
    with pytest.raises(ValueError, match="at least one"):
        quality.evaluate([], 16000)
