"""A mel from elsewhere becomes a code that is edited like any other; what cannot be used is refused by name."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from voicevae import MelConfig, VoiceVAE, VoiceVAEError, audio, load
from voicevae.bundle import DEFAULT
from voicevae.features import FeatureConfig, Frames, extract
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN
from voicevae.features.prosody import f0
from voicevae.vocoders.from_mel import frames_from_mel

FEATURES = FeatureConfig()
RATE = FEATURES.sample_rate
CENTS = 1200 / np.log(2)


@pytest.fixture(scope="module")
def wave() -> np.ndarray:
    """Two seconds of one of the shipped voices."""
    return audio.read(DEFAULT / "voices" / "female.flac", RATE)[RATE : 3 * RATE]


@pytest.fixture(scope="module")
def wanted(wave: np.ndarray) -> Frames:
    return extract(wave, FEATURES)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return load(small_bundle)


def mel_of(wave: np.ndarray, config: MelConfig) -> np.ndarray:
    return compute_mel(soxr.resample(wave, RATE, config.sample_rate), config)


def f0_of(frames: Frames, config: MelConfig, n_frames: int) -> np.ndarray:
    """F0 in Hz at the times of a mel, 0 where unvoiced, as FastPitch has it."""
    nearest = np.clip(np.round(config.times(n_frames) * FEATURES.frame_rate), 0, len(frames) - 1).astype(int)
    return np.where(frames.voiced, np.exp(frames.log_f0), 0.0)[nearest]


def differences(found: Frames, wanted: Frames) -> tuple[np.ndarray, np.ndarray, float]:
    """Pitch in cents where both are voiced, mel in nats where somebody speaks, share of frames with another voicing."""
    n = min(len(found), len(wanted))
    both = found.voiced[:n] & wanted.voiced[:n]
    loud = wanted.loudness_db[:n] > wanted.loudness_db.max() - 30
    pitch = np.abs(found.log_f0[:n] - wanted.log_f0[:n])[both] * CENTS
    bands = np.abs(found.mel[:n] - wanted.mel[:n])[loud, : FEATURES.n_mels]
    return pitch, bands, float(np.mean(found.voiced[:n] != wanted.voiced[:n]))


@pytest.mark.parametrize("config", [HIFIGAN, PARALLEL_WAVEGAN], ids=["natural", "log10"])
def test_without_f0_a_recording_is_found_again_in_its_mel(wave: np.ndarray, wanted: Frames, config: MelConfig) -> None:
    found, n_samples = frames_from_mel(mel_of(wave, config), config, FEATURES)
    assert len(found) == FEATURES.n_frames(n_samples) and abs(n_samples - len(wave)) <= RATE * config.hop_s
    pitch, bands, voicing = differences(found, wanted)
    assert np.median(pitch) < 10 and voicing < 0.08
    assert bands.mean() < 0.3


def test_with_f0_pitch_is_the_one_that_was_given(wave: np.ndarray, wanted: Frames) -> None:
    mel = mel_of(wave, HIFIGAN)
    f0_hz = f0_of(wanted, HIFIGAN, len(mel)) * 2 ** (5 / 12)  # not the recording's
    found, _ = frames_from_mel(mel, HIFIGAN, FEATURES, f0_hz)
    pitch, _, voicing = differences(replace(found, log_f0=found.log_f0 - 5 / 12 * np.log(2)), wanted)
    assert np.median(pitch) < 10 and voicing < 0.04


def test_with_a_vocoder_its_wave_is_encoded(vv: VoiceVAE, wave: np.ndarray) -> None:
    class Perfect:
        mel_config = replace(HIFIGAN, sample_rate=RATE)

        def __call__(self, mel: Any, config: MelConfig | None = None) -> np.ndarray:
            assert config == PARALLEL_WAVEGAN and mel.shape[1] == 80
            return wave

    found = vv.from_mel(mel_of(wave, PARALLEL_WAVEGAN), PARALLEL_WAVEGAN, vocoder=Perfect())
    plain = vv.encode(wave)
    for name in ("prosody", "content", "contour_residual", "mel_residual"):
        np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_the_code_is_edited_and_spoken_like_any_other(vv: VoiceVAE, wave: np.ndarray, wanted: Frames) -> None:
    mel = mel_of(wave, HIFIGAN)
    f0_hz = f0_of(wanted, HIFIGAN, len(mel))
    code = vv.from_mel(mel, HIFIGAN, f0_hz=f0_hz)
    spoken = vv.decode(code.edit(pitch_semitones=3))
    assert abs(len(spoken) - len(wave)) <= RATE * HIFIGAN.hop_s and np.isfinite(spoken).all()
    log_f0, voicing = f0(spoken, FEATURES)
    n = min(len(log_f0), len(wanted))
    both = (voicing[:n] >= 0.5) & wanted.voiced[:n]
    assert both.sum() > 0.6 * wanted.voiced.sum()
    assert np.median(log_f0[:n][both] - wanted.log_f0[:n][both]) * CENTS == pytest.approx(300, abs=15)
    slower = vv.decode(vv.from_mel(mel, HIFIGAN, f0_hz=f0_hz, residual=False).edit(rate=0.5))
    assert len(slower) == pytest.approx(2 * len(spoken), abs=2)


@pytest.mark.parametrize(
    ("mel", "config", "options", "reason"),
    [
        (np.full((80, 200), -4.0), HIFIGAN, {}, "transposed"),
        (np.full((200, 80), np.nan), HIFIGAN, {}, "NaN"),
        (np.full((200, 100), -4.0), HIFIGAN, {}, "n_mels is 80"),
        (np.full((200, 80), -4.0), None, {}, "give a MelConfig"),
        (np.full((200, 80), -4.0), replace(HIFIGAN, f_max_hz=5500.0), {}, "f_max_hz is 5500 where 8000"),
        (
            np.full((200, 80), -4.0),
            replace(HIFIGAN, hop_length=600, win_length=1200, n_fft=2048),
            {},
            "hop_length is 600",
        ),
        (np.full((200, 80), -4.0), HIFIGAN, {"f0_hz": np.full(199, 100.0)}, "f0_hz has shape"),
        (np.full((200, 80), -4.0), HIFIGAN, {"f0_hz": np.full(200, 100.0), "vocoder": print}, "f0_hz and a vocoder"),
        (np.full((200, 80), -11.5), HIFIGAN, {"f0_hz": np.zeros(200)}, "nothing but silence"),
        (np.full((5, 80), -4.0), HIFIGAN, {}, "5 frames, 58 ms; give at least 100 ms"),
    ],
)
def test_what_cannot_be_used_is_refused(mel: np.ndarray, config: Any, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(VoiceVAEError, match=reason):
        frames_from_mel(mel, config, FEATURES, **options)
