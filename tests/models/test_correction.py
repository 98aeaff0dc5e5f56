"""The arithmetic of training is that in use, and has gradients."""

import numpy as np
import pytest
import torch

from voicevae.features import FeatureConfig
from voicevae.features.mel import smooth_over_f0
from voicevae.models import smoothing
from voicevae.models.correction import Consistency
from voicevae.models.pulses import pulse_train
from voicevae.vocoders import excitation
from voicevae.vocoders.consistency import corrected

FEATURES = FeatureConfig()
HOP, FRAMES = FEATURES.hop_length, 60


def batch(*arrays: np.ndarray) -> list[torch.Tensor]:
    """Of the same recording twice."""
    return [torch.from_numpy(np.stack([x, x])) for x in arrays]


def contours(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """log-F0 and voicing `[T]`."""
    random = np.random.default_rng(seed)
    log_f0 = 5 + np.cumsum(random.normal(0, 0.03, FRAMES))
    return log_f0.astype(np.float32), (random.random(FRAMES) > 0.3).astype(np.float32)


def test_pulses_are_those_in_use() -> None:
    log_f0, voicing = contours()
    expected, phases = excitation.pulse_train(log_f0, voicing, HOP, 16000, 0.25)
    made, made_phases = pulse_train(*batch(log_f0, voicing), HOP, 16000, torch.full((2,), 0.25, dtype=torch.float64))
    np.testing.assert_allclose(made, np.stack([expected] * 2), atol=0.02)
    np.testing.assert_allclose(made_phases, np.stack([phases] * 2), atol=1e-5)


def test_a_smoothed_spectrum_is_that_in_use() -> None:
    power = np.random.default_rng(0).exponential(1, (FRAMES, 513)).astype(np.float32)
    width_hz = np.exp(contours()[0])
    expected = smooth_over_f0(power, width_hz, FEATURES)
    made = smoothing.smooth_over_f0(*batch(power, width_hz), FEATURES)
    np.testing.assert_allclose(made, np.stack([expected] * 2), rtol=1e-4)


@pytest.mark.parametrize("octaves", [0, 1, 3])
def test_a_correction_is_that_in_use(octaves: int) -> None:
    (log_f0, voicing), random = contours(), np.random.default_rng(1)
    log_f0 = log_f0 + np.float32(octaves * np.log(2))
    wave = 0.1 * random.standard_normal(FRAMES * HOP, np.float32)
    mel = random.standard_normal((FRAMES, FEATURES.n_mels), np.float32)
    loudness_db = random.normal(-20, 4, FRAMES).astype(np.float32)
    frames = (mel, np.exp(log_f0), voicing > 0.5, loudness_db)
    expected = corrected(wave, *frames, FEATURES)
    made = Consistency(FEATURES)(*batch(wave, *frames))
    np.testing.assert_allclose(made, np.stack([expected] * 2), atol=1e-4 * np.abs(expected).max())


def test_silence_stays_finite_and_has_a_gradient() -> None:
    wave = torch.zeros(1, FRAMES * HOP, requires_grad=True)
    f0, gate = torch.full((1, FRAMES), 100.0), torch.ones(1, FRAMES, dtype=torch.bool)
    made = Consistency(FEATURES)(
        wave, torch.zeros(1, FRAMES, FEATURES.n_mels), f0, gate, torch.full((1, FRAMES), -20.0)
    )
    made.sum().backward()
    assert not made.any() and wave.grad is not None and wave.grad.isfinite().all()
