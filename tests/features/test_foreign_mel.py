"""Mels are what other tools compute; conversions keep within theoretical bounds; the rest is refused by name."""

from dataclasses import replace
from typing import Any

import librosa
import numpy as np
import pytest
import torch
import torchaudio

from voicevae import MelConfig, VoiceVAEError
from voicevae.features import FeatureConfig
from voicevae.features.foreign_mel import check_mel, compute_mel, convert_mel
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN, TACOTRON2, VOCOS, ordinary

OURS = ordinary(FeatureConfig())
DECIBEL = MelConfig(16000, 256, 1024, 2048, 64, 50.0, 7900.0, norm="none", power=2, log="db", floor=1e-10)
ALL = {"hifigan": HIFIGAN, "tacotron2": TACOTRON2, "vocos": VOCOS, "pwg": PARALLEL_WAVEGAN, "db": DECIBEL, "ours": OURS}
NOISE_DB = 10 * np.log10(np.pi / 4)  # squared mean magnitude over mean power of noise


def noise(config: MelConfig, seconds: float = 0.4) -> np.ndarray:
    n = round(seconds * config.sample_rate)
    return np.random.default_rng(0).normal(0, 0.1, n).astype(np.float32)


def filters(config: MelConfig) -> np.ndarray:
    """As librosa has them `[n_mels, bins]`."""
    return librosa.filters.mel(
        sr=config.sample_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.f_min_hz,
        fmax=config.f_max_hz,
        htk=config.scale == "htk",
        norm="slaney" if config.norm == "slaney" else None,
    )


@pytest.mark.parametrize("name", ["tacotron2", "pwg", "db"])
def test_a_centred_mel_is_that_of_librosa(name: str) -> None:
    config, wave = ALL[name], noise(ALL[name])
    shape = {"n_fft": config.n_fft, "hop_length": config.hop_length, "win_length": config.win_length}
    bands = filters(config) @ np.abs(librosa.stft(wave, **shape, pad_mode="reflect")) ** config.power
    log = {"natural": np.log, "log10": np.log10, "db": lambda x: 10 * np.log10(x)}[config.log]
    np.testing.assert_allclose(compute_mel(wave, config), log(np.maximum(bands, config.floor)).T, atol=2e-3)


def test_a_mel_of_hifigan_is_half_a_hop_off_the_centre() -> None:
    wave = noise(HIFIGAN)
    padded = np.pad(wave, (HIFIGAN.n_fft - HIFIGAN.hop_length) // 2, mode="reflect")
    magnitude = np.abs(librosa.stft(padded, n_fft=1024, hop_length=256, center=False))
    expected = np.log(np.maximum(filters(HIFIGAN) @ magnitude, 1e-5)).T
    np.testing.assert_allclose(compute_mel(wave, HIFIGAN), expected, atol=2e-3)


@pytest.mark.filterwarnings("ignore:At least one mel filterbank")
def test_a_mel_of_vocos_is_that_of_torchaudio() -> None:
    wave = noise(VOCOS)
    transform = torchaudio.transforms.MelSpectrogram(24000, 1024, hop_length=256, n_mels=100, power=1)
    expected = transform(torch.from_numpy(wave)).clamp_min(1e-7).log().T
    np.testing.assert_allclose(compute_mel(wave, VOCOS), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "shift"),
    [
        ({"log": "log10"}, 0.0),
        ({"log": "db", "floor": 1e-8}, 0.0),
        ({"win_length": 800}, 10 * np.log10(800 / 1024)),
        (
            {"window_norm": True, "floor": 1e-8},
            -10 * np.log10(1024 * 3 / 8),
        ),  # the sum of a Hann window's squares is 3/8 of its length
        ({"norm": "none"}, None),
        ({"power": 2, "window_norm": True, "log": "db", "floor": 1e-12}, None),
    ],
    ids=str,
)
def test_between_like_filters_a_band_is_converted_exactly(changes: dict[str, Any], shift: float | None) -> None:
    target = replace(HIFIGAN, **changes)
    mel = np.random.default_rng(1).uniform(-9, 1, (20, 80)).astype(np.float32)
    there = convert_mel(mel, HIFIGAN, target)
    if shift is not None:
        np.testing.assert_allclose(there * target.nats - mel, shift * np.log(10) / 20, atol=1e-3)
    np.testing.assert_allclose(convert_mel(there, target, HIFIGAN), mel, atol=1e-4)


def test_norms_differ_by_the_width_of_a_band() -> None:
    mel = np.zeros((3, 80), np.float32)
    edges = librosa.mel_frequencies(82, fmin=0, fmax=8000)
    made = convert_mel(mel, replace(HIFIGAN, norm="none"), HIFIGAN)
    np.testing.assert_allclose(made, np.tile(np.log(2 / (edges[2:] - edges[:-2])), (3, 1)), atol=1e-4)


@pytest.mark.parametrize("source", list(ALL))
@pytest.mark.parametrize("target", [name for name in ALL if name != "vocos"])  # only its own kind tells its top bands
def test_white_noise_is_white_noise_in_any_other(source: str, target: str) -> None:
    """Power 1/sample_rate a hertz has known bands everywhere: magnitudes are sqrt(pi / 4) of their RMS (Rayleigh)."""
    a, b = ALL[source], ALL[target]
    made = convert_mel(white(a, 1e-8)[:6], a, b)
    np.testing.assert_allclose(made * b.nats, white(b, 1e-8)[: len(made)] * b.nats, atol=2e-3)


def white(config: MelConfig, density: float) -> np.ndarray:
    """The mel `[9, n_mels]` of noise of `density`, full scale squared a hertz, in closed form."""
    bank = filters(config)
    if config.norm == "mean":
        bank = np.ones((config.n_mels, 1))
    window = 1.0 if config.window_norm else 3 / 8 * config.win_length
    power = density * config.sample_rate * window
    band = bank.sum(1) * (power if config.power == 2 else np.sqrt(np.pi / 4 * power))
    return np.tile(np.log(np.maximum(band, config.floor)) / config.nats, (9, 1))


@pytest.mark.parametrize(("source", "target"), [(TACOTRON2, DECIBEL), (PARALLEL_WAVEGAN, TACOTRON2), (OURS, HIFIGAN)])
def test_a_slope_is_kept_within_the_bound_of_the_bands_width(source: MelConfig, target: MelConfig) -> None:
    """Of a spectrum exp(-a f), a band of width W has the logarithm at its centre within a^2 W^2 / 36.

    (The variance of a triangle of width W is at most W^2 / 18.) Lines between the centres are then as exact, and so are
    the averages over other bands. Beyond the outer centres the curve is held, so that bands there are left out.
    """
    slope = 1.5e-3  # nats of power a hertz: 52 dB over 8 kHz
    a, b = sloped(source, slope), sloped(target, slope)
    made = convert_mel(a, source, target)
    edges = librosa.mel_frequencies(
        source.n_mels + 2, fmin=source.f_min_hz, fmax=source.f_max_hz, htk=source.scale == "htk"
    )
    wanted = librosa.mel_frequencies(
        target.n_mels + 2, fmin=target.f_min_hz, fmax=target.f_max_hz, htk=target.scale == "htk"
    )
    inside = (wanted[:-2] >= edges[1]) & (wanted[2:] <= edges[-2])
    bound = (slope / 2 * (edges[2:] - edges[:-2]).max()) ** 2 / 36 * 2 + 5e-3  # source; and rounding, and bins
    amplitude = made * target.nats / target.power
    n = min(len(made), len(b))
    error = np.abs(amplitude[:n] - b[:n] * target.nats / target.power)[:, inside]
    assert inside.mean() > 0.8 and error.max() < bound


def sloped(config: MelConfig, slope: float) -> np.ndarray:
    """The mel `[8, n_mels]` of noise of density 1e-7 exp(-slope f), by librosa's filters."""
    bank = filters(config)
    if config.norm == "mean":
        full = bank.sum(1) > 0
        bank[full] /= bank[full].sum(1, keepdims=True)
        for band in np.flatnonzero(~full):
            centre = librosa.mel_frequencies(config.n_mels + 2, fmin=config.f_min_hz, fmax=config.f_max_hz, htk=True)[
                band + 1
            ]
            bank[band, round(centre / config.sample_rate * config.n_fft)] = 1.0
    hz = np.linspace(0, config.sample_rate / 2, config.n_fft // 2 + 1)
    window = 1.0 if config.window_norm else 3 / 8 * config.win_length
    power = 1e-7 * np.exp(-slope * hz) * config.sample_rate * window
    band = bank @ (power if config.power == 2 else np.sqrt(np.pi / 4 * power))
    return np.tile(np.log(np.maximum(band, config.floor)) / config.nats, (8, 1))


@pytest.mark.parametrize("hop_length", [256, 300, 200])
def test_frames_move_within_the_bound_of_linear_interpolation(hop_length: int) -> None:
    """Lines between points h apart miss by at most h^2 / 8 max |x''|; on a round trip the bounds of both hops add."""
    target = replace(HIFIGAN, hop_length=hop_length, padding="center")
    amplitude, rate_hz = 2.0, 6.0
    curve = 8.0 * np.pi**2 / 2 * amplitude * rate_hz**2  # max |x''|

    def mel(times: np.ndarray) -> np.ndarray:
        bands = np.linspace(0, 3, 80)
        return (-4 + amplitude * np.cos(2 * np.pi * rate_hz * times[:, None] + bands)).astype(np.float32)

    start = mel(HIFIGAN.times(90))
    there = convert_mel(start, HIFIGAN, target)
    inside = (target.times(len(there)) >= HIFIGAN.times(90)[0]) & (target.times(len(there)) <= HIFIGAN.times(90)[-1])
    missed = np.abs(there - mel(target.times(len(there))))[inside]
    assert missed.max() <= curve / 8 * HIFIGAN.hop_s**2 + 1e-4
    back = convert_mel(there, target, HIFIGAN)
    assert abs(len(back) - 90) <= 1
    n = min(len(back), 90)
    both = np.abs(back[:n] - start[:n])[2:-2]
    assert both.max() <= curve / 8 * (HIFIGAN.hop_s**2 + target.hop_s**2) + 1e-4
    assert missed.max() > 0.2 * curve / 8 * HIFIGAN.hop_s**2  # the bound is not idle


def test_the_same_configuration_changes_nothing() -> None:
    mel = np.random.default_rng(2).uniform(-9, 1, (20, 80)).astype(np.float32)
    made = convert_mel(mel, HIFIGAN, HIFIGAN)
    assert np.array_equal(made, mel) and not np.shares_memory(made, mel)


def test_speech_comes_back_from_other_filters() -> None:
    """Five harmonics of 120 Hz that swell: the bands are found again to within a fraction of what they span."""
    time = np.arange(16000) / 16000
    voice = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 40)) * (0.05 + 0.04 * np.sin(6 * time))
    mel = compute_mel((voice + np.random.default_rng(3).normal(0, 1e-3, 16000)).astype(np.float32), OURS)
    back = convert_mel(convert_mel(mel, OURS, HIFIGAN), HIFIGAN, OURS)
    n = min(len(mel), len(back))
    assert np.abs(back[:n] - mel[:n])[3:-3].mean() < 0.15 * mel.std()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"f_max_hz": 7000.0}, "f_max_hz"),
        ({"sample_rate": 12000, "f_max_hz": 6000.0, "hop_length": 128}, "f_max_hz"),
        ({"f_min_hz": 300.0}, "f_min_hz"),
        ({"hop_length": 600, "win_length": 1200, "n_fft": 2048}, "hop_length"),
        ({"n_mels": 30}, "n_mels"),
    ],
)
def test_what_is_missing_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    source = replace(HIFIGAN, **changes)
    mel = np.full((20, source.n_mels), -4.0, np.float32)
    with pytest.raises(VoiceVAEError, match=f"{field} is .* asked for.*; give a mel with {field} at") as error:
        convert_mel(mel, source, OURS)
    assert f"{getattr(source, field):g}" in str(error.value) and f"{getattr(OURS, field):g}" in str(error.value)


@pytest.mark.parametrize("source", [PARALLEL_WAVEGAN, replace(HIFIGAN, f_min_hz=125.0, f_max_hz=7600.0)])
def test_what_common_recipes_leave_out_is_held(source: MelConfig) -> None:
    made = convert_mel(white(source, 1e-8)[:6], source, OURS)
    np.testing.assert_allclose(made, white(OURS, 1e-8)[: len(made)], atol=2e-3)


@pytest.mark.parametrize(
    ("mel", "reason"),
    [
        (np.zeros((80, 50)), r"\[80, 50\], which is transposed"),
        (np.zeros((1, 50, 80)), "batch"),
        (np.zeros((2, 50, 80)), r"\[2, 50, 80\]"),
        (np.zeros(80), r"\[80\]"),
        (np.zeros((0, 80)), r"\[0, 80\]"),
        (np.zeros((50, 100)), "100 bands, but n_mels is 80"),
        (np.where(np.arange(50)[:, None] == 7, np.nan, np.zeros((50, 80))), "NaN or infinity, first in frame 7"),
        (np.where(np.arange(50)[:, None] == 7, -np.inf, np.zeros((50, 80))), "infinity, first in frame 7"),
        (np.full((50, 80), 9.0), "goes up to 9.0.*log, power and norm"),
        (np.full((50, 80), -60.0), "goes down to -60.0.*log and floor"),
        ("mel.npy", "str"),
        (None, r"\[\]"),
        ([[1.0], [2.0, 3.0]], "list"),
    ],
)
def test_a_mel_that_cannot_be_is_refused(mel: Any, reason: str) -> None:
    with pytest.raises(VoiceVAEError, match=reason):
        check_mel(mel, HIFIGAN)


def test_no_sound_is_louder_than_the_bound() -> None:
    time = np.arange(8000) / 22050
    sounds = [np.sign(np.sin(2 * np.pi * f * time)) for f in (110.0, 3000.0, 7000.0)]
    sounds += [np.sin(2 * np.pi * f * time) for f in (150.0, 1000.0)] + [
        np.random.default_rng(4).choice([-1.0, 1.0], 8000)
    ]
    for config in ALL.values():
        for sound in sounds:
            check_mel(compute_mel(sound, config), config)


def test_predictions_may_stray_in_a_few_places() -> None:
    mel = np.full((50, 80), -4.0)
    mel[3, 5] = -40.0
    mel[9] = 6.0
    assert check_mel(mel, HIFIGAN).shape == (50, 80)


def test_what_is_no_configuration_is_refused() -> None:
    with pytest.raises(VoiceVAEError, match="'hifigan'; give a MelConfig"):
        check_mel(np.zeros((50, 80)), "hifigan")  # type: ignore[arg-type]
