"""A configuration that has no sense is refused by the name of its field; times and lengths are those of a transform."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from voicevae import MelConfig, VoiceVAEError
from voicevae.features import FeatureConfig, ordinary_mel
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN, TACOTRON2, ordinary


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sample_rate", 0),
        ("sample_rate", 22050.0),
        ("hop_length", -256),
        ("hop_length", 600),
        ("win_length", 2048),
        ("n_fft", "1024"),
        ("n_mels", 0),
        ("f_min_hz", -1.0),
        ("f_min_hz", 8000.0),
        ("f_max_hz", 12000.0),
        ("f_max_hz", None),
        ("f_max_hz", float("nan")),
        ("scale", "bark"),
        ("norm", "mean"),
        ("power", 3),
        ("log", "ln"),
        ("floor", 0.0),
        ("floor", float("nan")),
        ("padding", True),
    ],
)
def test_a_field_without_sense_is_named(field: str, value: Any) -> None:
    with pytest.raises(VoiceVAEError, match=f"^The mel configuration's {field} is .*; give .*\\.$"):
        replace(HIFIGAN, **{field: value})


def test_what_it_describes_at_least_must_be_said() -> None:
    with pytest.raises(TypeError):
        MelConfig(sample_rate=22050)  # type: ignore[call-arg]


@pytest.mark.parametrize("padding", ["center", "same"])
@pytest.mark.parametrize("n_samples", [2560, 2561, 2815, 7000])
def test_frames_and_samples_fit_the_transform(padding: str, n_samples: int) -> None:
    config = replace(HIFIGAN, padding=padding)
    n_frames = config.n_frames(n_samples)
    assert len(compute_mel(np.zeros(n_samples, np.float32), config)) == n_frames
    fewest = config.n_samples(n_frames)
    assert config.n_frames(fewest) == n_frames > config.n_frames(fewest - 1)


@pytest.mark.parametrize("config", [HIFIGAN, TACOTRON2])
def test_frames_stand_where_they_say(config: MelConfig) -> None:
    """A click is loudest in the frame whose time it has."""
    wave = np.zeros(20 * 256, np.float32)
    frame = 9
    wave[round(config.times(20)[frame] * config.sample_rate)] = 1.0
    mel = compute_mel(wave, config)
    assert (mel.argmax(0) == frame).all()
    np.testing.assert_allclose(mel[frame - 1], mel[frame + 1], atol=1e-3)


def test_ours_is_that_of_our_features() -> None:
    features = FeatureConfig()
    wave = np.random.default_rng(0).normal(0, 0.1, 6000).astype(np.float32)
    inside = slice(3, -3)  # our own ends are padded with zeros
    np.testing.assert_allclose(
        compute_mel(wave, ordinary(features))[inside], ordinary_mel(wave, features)[inside], atol=1e-3
    )


def test_logs_are_the_same_numbers_in_other_units() -> None:
    value = torch.tensor(0.02)
    for log, expected in {"natural": np.log(0.02), "log10": np.log10(0.02), "db": 20 * np.log10(0.02)}.items():
        assert float(value.log() / replace(HIFIGAN, log=log).nats) == pytest.approx(expected, rel=1e-5)
    assert 1 / replace(HIFIGAN, log="db", power=2).nats == pytest.approx(10 / np.log(10))
