"""swift-f0 on a stream finds what it finds on the recording, as late as it says."""

import numpy as np
import pytest

from voicevae.errors import VoiceVAEError
from voicevae.features import FeatureConfig
from voicevae.features.prosody import VOICED, f0
from voicevae.features.swift_stream import SwiftStream

CONFIG = FeatureConfig()
STEP = 3 * CONFIG.hop_length


@pytest.fixture(scope="module")
def wave() -> np.ndarray:
    """A second of a swaying voice between two of silence, at 16 kHz."""
    time = np.arange(CONFIG.sample_rate) / CONFIG.sample_rate
    phase = 2 * np.pi * np.cumsum(140 * 2 ** (np.sin(2 * np.pi * 2 * time) / 6)) / CONFIG.sample_rate
    voice = sum(0.02 * np.sin(h * phase + h * h) for h in range(1, 20))
    quiet = np.zeros(CONFIG.sample_rate // 2)
    return np.concatenate([quiet, voice, quiet]).astype(np.float32)


def tracked(wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tracker = SwiftStream(CONFIG)
    made = [tracker.feed(wave[start : start + STEP]) for start in range(0, len(wave), STEP)]
    return tuple(np.concatenate(each) for each in zip(*made, strict=True))


def test_it_finds_what_it_finds_on_the_recording(wave: np.ndarray) -> None:
    (log_f0, voicing), (wanted, confidence) = tracked(wave), f0(wave, CONFIG)
    wanted, voiced = wanted[: len(log_f0)], confidence[: len(log_f0)] >= VOICED
    assert np.mean((voicing >= VOICED) == voiced) > 0.95
    both = voiced & (voicing >= VOICED)
    assert both.sum() > 60 and np.median(np.abs(log_f0 - wanted)[both]) < 5 * np.log(2) / 1200


def test_frames_come_no_later_than_the_look_ahead(wave: np.ndarray) -> None:
    tracker, n_frames = SwiftStream(CONFIG), 0
    for end in range(80, len(wave), 80):
        n_frames += len(tracker.feed(wave[end - 80 : end])[0])
        assert n_frames >= (end - tracker.look_ahead - 1) // CONFIG.hop_length + 1


def test_another_rate_is_one_sentence() -> None:
    with pytest.raises(VoiceVAEError, match="16000 Hz, not 22050"):
        SwiftStream(FeatureConfig(sample_rate=22050, f_max_hz=11025.0))
