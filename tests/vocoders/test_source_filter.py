"""The vocoder says what its source and filter say: exact pitch, exact gain, and no trace of its chunks."""

import numpy as np
import pytest
import torch

from voicevae.features import FeatureConfig
from voicevae.features.mel import mel_centres_hz
from voicevae.features.prosody import f0
from voicevae.vocoders import source_filter
from voicevae.vocoders.source_filter import SourceFilter, VocoderConfig

FEATURES = FeatureConfig()
HOP = FEATURES.hop_length
SMALL = VocoderConfig(channels=16, blocks=2, kernel_size=3, expansion=2)


def made(config: VocoderConfig = SMALL, spread: float = 0.0) -> SourceFilter:
    """A vocoder whose last layer is random with `spread`; 0 is as training begins."""
    torch.manual_seed(0)
    vocoder = SourceFilter(FEATURES, config).eval()
    if spread:
        torch.nn.init.normal_(vocoder.leave.weight, std=spread)
    return vocoder


def speech(n_frames: int, f0_hz: float = 150.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames of a wandering voice: mel `[T, n_mels]`, contours `[T, 3]`."""
    random = np.random.default_rng(0)
    time = np.arange(n_frames) / FEATURES.frame_rate
    mel = np.cumsum(random.normal(0, 0.1, (n_frames, FEATURES.n_mels)), 0) - np.linspace(0, 4, FEATURES.n_mels)
    log_f0 = np.log(f0_hz) + 0.2 * np.sin(2 * np.pi * 0.7 * time)
    voicing = (np.sin(2 * np.pi * 0.4 * time) > -0.8).astype(float)
    loudness = -30 + 6 * np.sin(2 * np.pi * 1.3 * time)
    return torch.from_numpy(mel).float(), torch.from_numpy(np.stack([log_f0, voicing, loudness], 1)).float()


def synthesize(vocoder: SourceFilter, mel: torch.Tensor, contours: torch.Tensor, seed: int = 0) -> np.ndarray:
    return torch.cat(list(vocoder.synthesize(mel, contours, seed))).numpy()


@pytest.mark.parametrize("chunk_frames", [1, 13, 40, 119, 120])
def test_chunks_leave_no_trace(monkeypatch: pytest.MonkeyPatch, chunk_frames: int) -> None:
    vocoder, (mel, contours) = made(spread=0.05), speech(120)
    whole = synthesize(vocoder, mel, contours)
    monkeypatch.setattr(source_filter, "CHUNK_FRAMES", chunk_frames)
    blocks = list(vocoder.synthesize(mel, contours))
    assert len(blocks) == -(-120 // chunk_frames)
    np.testing.assert_allclose(torch.cat(blocks), whole, atol=1e-4 * np.abs(whole).max())


@pytest.mark.parametrize("n_frames", [1, 2, 5, 25, 120])
def test_every_frame_becomes_a_hop_of_samples(n_frames: int) -> None:
    wave = synthesize(made(), *speech(n_frames))
    assert wave.shape == (n_frames * HOP,) and np.isfinite(wave).all() and wave.any()


def test_an_untrained_vocoder_already_keeps_f0() -> None:
    mel, contours = speech(160, 170.0)
    contours[:, 1] = 1.0
    log_f0, voicing = f0(synthesize(made(), mel, contours), FEATURES)
    inside = slice(5, 155)
    error = 1200 / np.log(2) * (log_f0[:160] - contours[:, 0].numpy())[inside]
    assert (voicing[inside] >= 0.5).mean() > 0.97
    assert np.median(np.abs(error)) < 10 and abs(np.median(error)) < 5


def test_unvoiced_frames_have_no_pitch() -> None:
    mel, contours = speech(120)
    contours[:, 1] = 0.0
    _, voicing = f0(synthesize(made(), mel, contours), FEATURES)
    assert (voicing >= 0.5).mean() < 0.05


@pytest.mark.parametrize("gain_db", [-20.0, 6.0, 30.0])
def test_a_louder_frame_is_the_same_frame_louder(gain_db: float) -> None:
    vocoder, (mel, contours) = made(spread=0.05), speech(80)
    quiet = synthesize(vocoder, mel, contours)
    loud = synthesize(vocoder, mel, contours + torch.tensor([0, 0, gain_db]))
    np.testing.assert_allclose(loud, quiet * 10 ** (gain_db / 20), rtol=1e-3, atol=1e-4 * np.abs(loud).max())


def test_untrained_gains_are_the_envelope_of_the_mel() -> None:
    """White pulses through a log-mel that falls in a straight line of frequency have partials on that line."""
    contours = torch.tensor([np.log(125.0), 1.0, 0.0]).float().repeat(120, 1)
    vocoder = made()
    with torch.no_grad():
        vocoder.leave.bias[-FEATURES.n_fft // 2 - 1 :] = -8.0  # hardly any noise
    mel = 1.5 - 5e-4 * mel_centres_hz(FEATURES).expand(120, -1)
    wave = synthesize(vocoder, mel, contours)[20 * HOP : 100 * HOP]  # one second: lines of 1 Hz
    power = np.abs(np.fft.rfft(wave) / len(wave)) ** 2 * 2 * 64  # of 64 partials, each has 1/64 of the pulses' power
    hz = np.arange(250, 7500, 125)
    np.testing.assert_allclose(np.log(power[hz]), 1.5 - 5e-4 * hz, atol=0.05)


def test_no_sample_depends_on_what_lies_beyond_the_look_ahead() -> None:
    vocoder, (mel, contours) = made(spread=0.05), speech(80)
    before = synthesize(vocoder, mel, contours)
    mel[60:] += 3.0
    contours[60:, 2] -= 10
    after = synthesize(vocoder, mel, contours)
    same = (60 - vocoder.look_ahead) * HOP
    np.testing.assert_allclose(after[:same], before[:same], atol=1e-6 * np.abs(before).max())
    assert np.abs(after[same:] - before[same:]).max() > 1e-3 * np.abs(before).max()


def test_noise_is_named_by_the_seed() -> None:
    vocoder, frames = made(), speech(40)
    assert np.array_equal(synthesize(vocoder, *frames, 3), synthesize(vocoder, *frames, 3))
    assert not np.array_equal(synthesize(vocoder, *frames, 3), synthesize(vocoder, *frames, 4))


@pytest.mark.parametrize("pole", [0.9, 0.5, -0.7])
def test_phase_is_that_of_the_one_pole_filter(pole: float) -> None:
    """`1 / (1 - pole / z)` is causal and of minimum phase, so its log-magnitude alone must give its phase."""
    response = 1 / (1 - pole * np.exp(-1j * np.linspace(0, np.pi, 513)))
    log_gain = torch.from_numpy(np.log(np.abs(response)))
    phase = source_filter._minimum_phase(log_gain)
    np.testing.assert_allclose(phase, np.angle(response), atol=1e-6)
    impulse = np.fft.irfft(np.exp(log_gain.numpy() + 1j * phase.numpy()))
    np.testing.assert_allclose(impulse, pole ** np.arange(1024), atol=1e-6)


def test_the_default_has_at_most_three_million_parameters() -> None:
    assert sum(p.numel() for p in SourceFilter(FEATURES, VocoderConfig()).parameters()) <= 3_000_000


def test_everything_is_trained() -> None:
    vocoder, (mel, contours) = made(spread=0.05), speech(40)
    wave, _ = vocoder(mel[None], contours[None], torch.randn(1, 40 * HOP))
    wave.square().sum().backward()
    for name, parameter in vocoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name
