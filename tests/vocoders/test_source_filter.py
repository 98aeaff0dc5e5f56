"""The vocoder says what its source and filter say: exact pitch, exact gain, no trace of its chunks; in use as in
training."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from voicevae.errors import VoiceVAEError
from voicevae.features import VOICED, FeatureConfig
from voicevae.features.mel import harmonic_free, mel_centres_hz
from voicevae.features.prosody import f0
from voicevae.models.vocoder import SourceFilter
from voicevae.units import NATS_PER_DB
from voicevae.vocoders import source_filter
from voicevae.vocoders.excitation import white_noise
from voicevae.vocoders.source_filter import SHARPENING, Vocoder, VocoderConfig

FEATURES = FeatureConfig()
HOP = FEATURES.hop_length
SMALL = VocoderConfig(channels=16, blocks=2, kernel_size=3, expansion=2)


def made(config: VocoderConfig = SMALL, std: float = 0.0) -> SourceFilter:
    """A vocoder whose last layer is random with `std`; 0 is as training begins."""
    torch.manual_seed(0)
    vocoder = SourceFilter(FEATURES, config).eval()
    if std:
        torch.nn.init.normal_(vocoder.leave.weight, std=std)
    return vocoder


def in_use(module: SourceFilter) -> Vocoder:
    """The same vocoder with what training gave."""

    @torch.inference_mode()
    def filters(mel: np.ndarray, source: np.ndarray) -> np.ndarray:
        return module.filters(*(torch.from_numpy(x)[None] for x in (mel, source)))[0].numpy()

    return Vocoder(module.features, module.config, filters)


def speech(n_frames: int, f0_hz: float = 150.0) -> tuple[np.ndarray, np.ndarray]:
    """Frames of a wandering voice: mel `[T, n_channels]`, contours `[T, 3]`."""
    random = np.random.default_rng(0)
    time = np.arange(n_frames) / FEATURES.frame_rate
    mel = np.cumsum(random.normal(0, 0.1, (n_frames, FEATURES.n_channels)), 0) - np.linspace(0, 4, FEATURES.n_channels)
    log_f0 = np.log(f0_hz) + 0.2 * np.sin(2 * np.pi * 0.7 * time)
    voicing = (np.sin(2 * np.pi * 0.4 * time) > -0.8).astype(float)
    loudness = -30 + 6 * np.sin(2 * np.pi * 1.3 * time)
    return mel.astype(np.float32), np.stack([log_f0, voicing, loudness], 1).astype(np.float32)


def padded(*contours: np.ndarray) -> list[np.ndarray]:
    """With the last frame held for one more, as `features.extract` has one more."""
    return [np.concatenate([contour, contour[-1:]]) for contour in contours]


def synthesize(vocoder: SourceFilter, mel: np.ndarray, contours: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.concatenate(list(in_use(vocoder).synthesize(mel, contours, seed)))


@pytest.mark.parametrize("config", [SMALL, replace(SMALL, corrections=0)])
def test_training_and_use_are_the_same_arithmetic(config: VocoderConfig) -> None:
    module, (mel, contours), noise = made(config, std=0.05), speech(120), white_noise(0, 120 * HOP, 0)
    wave, phases = in_use(module).wave(mel, contours, noise, 0.3)
    with torch.inference_mode():
        batch = [torch.from_numpy(x)[None] for x in (mel, contours, noise)]
        trained, trained_phases = module(*batch, torch.tensor([0.3], dtype=torch.float64))
    difference = wave - trained[0].numpy()
    assert 20 * np.log10(difference.std() / wave.std()) < -60
    np.testing.assert_allclose(phases, trained_phases[0], atol=1e-4)


@pytest.mark.parametrize("chunk_frames", [1, 13, 40, 119, 120])
def test_chunks_leave_no_trace(monkeypatch: pytest.MonkeyPatch, chunk_frames: int) -> None:
    vocoder, (mel, contours) = made(std=0.05), speech(120)
    whole = synthesize(vocoder, mel, contours)
    monkeypatch.setattr(source_filter, "CHUNK_FRAMES", chunk_frames)
    blocks = list(in_use(vocoder).synthesize(mel, contours))
    assert len(blocks) == -(-120 // chunk_frames)
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-4 * np.abs(whole).max())


@pytest.mark.parametrize("n_frames", [1, 2, 5, 25, 120])
def test_every_frame_becomes_a_hop_of_samples(n_frames: int) -> None:
    wave = synthesize(made(), *speech(n_frames))
    assert wave.shape == (n_frames * HOP,) and np.isfinite(wave).all() and wave.any()


def test_an_untrained_vocoder_already_keeps_f0() -> None:
    mel, contours = speech(160, 170.0)
    contours[:, 1] = 1.0
    log_f0, voicing = f0(synthesize(made(), mel, contours), FEATURES)
    inside = slice(5, 155)
    error = 1200 / np.log(2) * (log_f0[:160] - contours[:, 0])[inside]
    assert (voicing[inside] >= 0.5).mean() > 0.97
    assert np.median(np.abs(error)) < 10 and abs(np.median(error)) < 5


def test_at_any_pitch_the_level_stays_within_reason() -> None:
    """Frames of a caller's own, or of a bad F0 estimate, are not to become a bang or an error."""
    mel, contours = speech(48)
    usual = np.abs(synthesize(made(), mel, contours)).max()
    for frame, log_f0 in ((10, -50.0), (20, 0.0), (30, 9.5), (40, 60.0)):
        contours[frame : frame + 3, 0] = log_f0
    wave = synthesize(made(), mel, contours)
    assert np.isfinite(wave).all() and np.abs(wave).max() < 3 * usual


def test_unvoiced_frames_have_no_pitch() -> None:
    mel, contours = speech(120)
    contours[:, 1] = 0.0
    _, voicing = f0(synthesize(made(), mel, contours), FEATURES)
    assert (voicing >= 0.5).mean() < 0.05


@pytest.mark.parametrize("gain_db", [-20.0, 6.0, 30.0])
def test_a_louder_frame_is_the_same_frame_louder(gain_db: float) -> None:
    vocoder, (mel, contours) = made(std=0.05), speech(80)
    quiet = synthesize(vocoder, mel, contours)
    loud = synthesize(vocoder, mel, contours + np.array([0, 0, gain_db]))
    np.testing.assert_allclose(loud, quiet * 10 ** (gain_db / 20), rtol=1e-3, atol=1e-4 * np.abs(loud).max())


@pytest.mark.parametrize(("corrections", "tolerance"), [(0, 0.05), (2, 0.1)])
def test_untrained_gains_are_the_envelope_of_the_mel(corrections: int, tolerance: float) -> None:
    """White pulses through a log-mel that falls in a straight line of frequency have partials on that line."""
    contours = np.tile([np.log(125.0), 1.0, 0.0], (120, 1))
    vocoder = made(replace(SMALL, corrections=corrections))
    bins = FEATURES.n_fft // 2 + 1
    with torch.no_grad():
        vocoder.leave.bias[2 * bins : 3 * bins] = -8.0  # hardly any noise
    bands = np.tile(1.5 - 5e-4 * mel_centres_hz(FEATURES), (120, 1))
    mel = np.pad(bands, ((0, 0), (0, FEATURES.n_harmonicity)))
    wave = synthesize(vocoder, mel, contours)[20 * HOP : 100 * HOP]  # one second: lines of 1 Hz
    power = np.abs(np.fft.rfft(wave) / len(wave)) ** 2 * 2 * 64  # of 64 partials, each has 1/64 of the pulses' power
    hz = np.arange(250, 7000, 125)
    np.testing.assert_allclose(np.log(power[hz]), 1.5 - 5e-4 * hz, atol=tolerance)


def test_corrections_bring_its_own_mel_nearer_to_the_one_asked_for() -> None:
    mel, contours = speech(160)
    voiced = contours[:, 1] >= VOICED

    def distance(corrections: int) -> float:
        wave = synthesize(made(replace(SMALL, corrections=corrections)), mel, contours)
        shown, loudness = harmonic_free(wave, *padded(np.exp(contours[:, 0]), voiced), FEATURES)
        error = (shown[:160, : FEATURES.n_mels] - mel[:, : FEATURES.n_mels]) + NATS_PER_DB * (
            loudness[:160] - contours[:, 2]
        )[:, None]
        return float(np.abs(error[4:-4]).mean())

    none, one, two = (distance(corrections) for corrections in (0, 1, 2))
    assert two < one < 0.6 * none


def test_a_sharper_mel_is_what_the_wave_gets_and_only_so_much_of_it() -> None:
    """A sharpening of all bands alike is a plain gain, exact as the correction is linear in level."""
    vocoder, (mel, contours) = made(), speech(60)
    waves = []
    for sharper in (0.0, 1.0, SHARPENING, 5.0, -5.0):
        with torch.no_grad():
            vocoder.leave.bias[-FEATURES.n_mels :] = sharper
        waves.append(synthesize(vocoder, mel, contours))
    plain, one, most, more, least = waves
    tolerance = 1e-3 * np.abs(plain).max()
    np.testing.assert_allclose(one, plain * np.exp(0.5), atol=2 * tolerance)
    np.testing.assert_allclose(most, plain * np.exp(SHARPENING / 2), atol=3 * tolerance)
    np.testing.assert_array_equal(more, most)
    np.testing.assert_allclose(least, plain * np.exp(-SHARPENING / 2), atol=tolerance)


@pytest.mark.parametrize(("n_harmonicity", "corrections"), [(0, 0), (0, 2), (8, 0)])
def test_features_without_harmonicity_and_a_wave_without_corrections(n_harmonicity: int, corrections: int) -> None:
    features = replace(FEATURES, n_harmonicity=n_harmonicity)
    vocoder, (mel, contours) = SourceFilter(features, replace(SMALL, corrections=corrections)).eval(), speech(20)
    wave = synthesize(vocoder, mel[:, : features.n_channels], contours)
    assert wave.shape == (20 * HOP,) and np.isfinite(wave).all() and wave.any()


def test_frames_that_cannot_be_spoken_are_refused_before_any_sound() -> None:
    vocoder, (mel, contours) = made(), speech(20)
    with pytest.raises(VoiceVAEError, match="mel has shape"):
        next(in_use(vocoder).synthesize(mel[:, : FEATURES.n_mels], contours))
    mel[7, 3] = np.nan
    with pytest.raises(VoiceVAEError, match="frame 7"):
        next(in_use(vocoder).synthesize(mel, contours))


def test_no_sample_depends_on_what_lies_beyond_the_look_ahead() -> None:
    vocoder, (mel, contours) = made(std=0.05), speech(80)
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
    log_gain = np.log(np.abs(response))
    phase = source_filter.minimum_phase(log_gain[None])[0]
    np.testing.assert_allclose(phase, np.angle(response), atol=1e-6)
    impulse = np.fft.irfft(np.exp(log_gain + 1j * phase))
    np.testing.assert_allclose(impulse, pole ** np.arange(1024), atol=1e-6)


def test_the_default_has_at_most_three_million_parameters() -> None:
    assert sum(p.numel() for p in SourceFilter(FEATURES, VocoderConfig()).parameters()) <= 3_000_000


def test_everything_is_trained() -> None:
    vocoder, (mel, contours) = made(std=0.05), speech(40)
    frames = [torch.from_numpy(x)[None] for x in (mel, contours)]
    wave, _ = vocoder(*frames, torch.randn(1, 40 * HOP))
    wave.square().sum().backward()
    for name, parameter in vocoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name
