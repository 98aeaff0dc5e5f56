"""Warping a mel moves its formants by the ratio asked for, and nothing else."""

import numpy as np
import pytest

from voicevae.features import FeatureConfig
from voicevae.features.mel import mel_centres_hz
from voicevae.features.vtlp import warp_matrix

CONFIG = FeatureConfig()


def formant(hz: float) -> np.ndarray:
    """A mel `[n_channels]` with one smooth peak at `hz`, and some harmonicity."""
    peak = 3 * np.exp(-(np.log(mel_centres_hz(CONFIG) / hz) ** 2) / 0.02)
    return np.concatenate([peak, np.linspace(4, 1, CONFIG.n_harmonicity)])


def peak_hz(mel: np.ndarray) -> float:
    """Centre of gravity of a peak on a logarithmic axis of frequency, Hz."""
    hz = np.log(mel_centres_hz(CONFIG))
    weight = np.maximum(mel[: CONFIG.n_mels], 0) * np.gradient(hz)
    return float(np.exp((hz * weight).sum() / weight.sum()))


@pytest.mark.parametrize("hz", [700.0, 1500.0, 3000.0])
@pytest.mark.parametrize("ratio", [0.7, 0.9, 1.1, 1.4])
def test_a_peak_moves_by_the_ratio(hz: float, ratio: float) -> None:
    warped = formant(hz) @ warp_matrix(np.array([ratio]), CONFIG)[0]
    assert peak_hz(warped) / peak_hz(formant(hz)) == pytest.approx(ratio, rel=0.01)
    assert float(warped[: CONFIG.n_mels].max()) == pytest.approx(3, abs=0.3)


def test_a_ratio_of_one_is_the_identity() -> None:
    n = CONFIG.n_channels
    np.testing.assert_allclose(warp_matrix(np.ones(2), CONFIG), np.broadcast_to(np.eye(n), (2, n, n)), atol=1e-4)


@pytest.mark.parametrize("n_harmonicity", [0, 3, 8])
def test_harmonicity_stays_and_reaches_no_band(n_harmonicity: int) -> None:
    config = FeatureConfig(n_mels=20, n_harmonicity=n_harmonicity)
    random = np.random.default_rng(0)
    mel = random.standard_normal((2, 5, config.n_channels))
    other = np.concatenate([mel[..., :20], random.standard_normal((2, 5, n_harmonicity))], -1)
    matrix = warp_matrix(np.array([0.8, 1.3]), config)
    warped, other_warped = mel @ matrix, other @ matrix
    np.testing.assert_allclose(warped[..., 20:], mel[..., 20:], atol=1e-6)
    np.testing.assert_allclose(warped[..., :20], other_warped[..., :20], atol=1e-6)
    assert np.abs(warped - mel)[..., :20].max() > 0.1


def test_a_flat_spectrum_stays_as_it_is() -> None:
    matrices = warp_matrix(np.array([0.5, 0.8, 1.25, 2.0]), CONFIG)
    np.testing.assert_allclose(matrices.sum(1), 1.0, atol=1e-5)


def test_a_warp_and_its_inverse_cancel() -> None:
    there, back = warp_matrix(np.array([1.15, 1 / 1.15]), CONFIG)
    np.testing.assert_allclose(formant(1500.0) @ there @ back, formant(1500.0), atol=0.15)
