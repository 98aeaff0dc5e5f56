"""Sources of all kinds are the same sound; what cannot be used is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import torch

from tests.voice.conftest import RATE, vowel
from voicevae import VoiceVAE
from voicevae.errors import AudioError


def test_arrays_tensors_and_paths_agree(vv: VoiceVAE, tmp_path: Path) -> None:
    wave = vowel(0.6)
    sf.write(tmp_path / "a.wav", wave, RATE, subtype="FLOAT")
    sf.write(tmp_path / "stereo.wav", np.stack([wave, wave], 1), RATE, subtype="FLOAT")
    expected = vv.encode(wave)
    for source in (
        torch.from_numpy(wave),
        wave.astype(np.float64),
        np.stack([wave, wave]),
        torch.from_numpy(np.stack([wave, wave], 1)),
        tmp_path / "a.wav",
        str(tmp_path / "stereo.wav"),
    ):
        found = vv.encode(source)
        for name in ("prosody", "content", "contour_residual", "mel_residual"):
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-4)
        assert found.n_samples == expected.n_samples == len(wave)


def test_another_sample_rate_is_the_same_sound(vv: VoiceVAE) -> None:
    time = np.arange(2 * RATE) / (2 * RATE)
    high = (0.2 * np.sin(2 * np.pi * 200 * time) + 0.1 * np.sin(2 * np.pi * 600 * time)).astype(np.float32)
    one, two = vv.encode(high, 2 * RATE), vv.encode(high[::2])
    assert one.n_samples == two.n_samples == RATE
    assert one.speaker.log_f0_mean == pytest.approx(two.speaker.log_f0_mean, abs=0.01)
    assert len(vv.decode(one)) == RATE


@pytest.mark.parametrize("seconds", [0.1, 0.3])
def test_the_shortest_speech_works(vv: VoiceVAE, seconds: float) -> None:
    source, speaker = vowel(seconds), vv.speaker(vowel(0.5, 220.0))
    for wave in (
        vv.decode(vv.encode(source)),
        vv.convert(source, voice=speaker),
        vv.modulate(source, pitch_semitones=3, pitch_range=1.5, formant_semitones=-2, energy_db=3),
    ):
        assert len(wave) == len(source) and np.isfinite(wave).all() and wave.any()
    assert len(vv.modulate(source, rate=4)) == round(len(source) / 4)


def test_unvoiced_speech_can_be_a_source(vv: VoiceVAE) -> None:
    whisper = np.random.default_rng(0).normal(0, 0.05, 8000).astype(np.float32)
    wave = vv.convert(whisper, voice=vv.speaker(vowel(0.5)))
    assert len(wave) == 8000 and np.isfinite(wave).all()


@pytest.mark.parametrize(
    "source",
    [
        np.zeros(0, np.float32),
        np.zeros(8000, np.float32),
        np.full(8000, np.nan, np.float32),
        np.ones(640, np.float32),
        "missing.wav",
    ],
)
def test_a_source_that_cannot_be_used_is_refused(vv: VoiceVAE, source: Any) -> None:
    for refused in (lambda: vv.encode(source), lambda: vv.convert(vowel(0.3), voice=source)):
        with pytest.raises(AudioError):
            refused()
