"""The API on an untrained bundle: lengths, pitch, level, chunks and seeds are right before anything is learned."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import torch

from voicevae import VoiceVAE, bundle, coder, load
from voicevae.bundle import Bundle
from voicevae.code import Code, Speaker
from voicevae.edits import Edit
from voicevae.engine import torch_networks
from voicevae.engine.torch_networks import bundle_of
from voicevae.errors import AudioError, EditError
from voicevae.features import FeatureConfig, extract
from voicevae.models.config import ModelConfig
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.vocoders import source_filter
from voicevae.vocoders.source_filter import VocoderConfig

RATE = 16000
FEATURES = FeatureConfig()
MODEL = ModelConfig(
    speaker_dim=8,
    channels=24,
    content_blocks=2,
    decoder_blocks=2,
    speaker_channels=16,
    speaker_blocks=1,
    condition_dim=12,
    prosody_channels=16,
    prosody_blocks=2,
    n_speakers=2,
)


def vowel(seconds: float, f0_hz: float = 150.0, formants: tuple[float, float] = (600, 1800)) -> np.ndarray:
    """A vowel whose pitch sways by two semitones, with a little breath, between two bits of near silence."""
    n = round(seconds * RATE)
    time = np.arange(n) / RATE
    momentary = f0_hz * 2 ** (np.sin(2 * np.pi * 1.5 * time) / 6)
    phase = 2 * np.pi * np.cumsum(momentary) / RATE
    k = np.arange(1, int(3800 / f0_hz))[:, None]
    gain = sum(1 / (1 + ((k * f0_hz - f) / 200) ** 2) for f in formants)
    voice = 0.1 * (gain * np.sin(k * phase + k**2)).sum(0)
    voice *= np.clip(np.minimum(time, time[-1] - time) / 0.05, 0, 1)
    return (voice + np.random.default_rng(0).normal(0, 1e-3, n)).astype(np.float32)


@pytest.fixture(scope="module")
def parts() -> Bundle:
    torch.manual_seed(0)
    vae, vocoder = CVAE(FEATURES.n_channels, MODEL).eval(), SourceFilter(FEATURES, VocoderConfig(16, 2, 3, 2)).eval()
    torch.nn.init.normal_(vae.prior.means.weight, std=2.0)
    vae.mel_std.fill_(2.0)
    vae.statistics_mean[0], vae.statistics_std[:2] = 5.0, 0.1
    vae.statistics_mean[1] = 0.2
    vae.statistics_mean[-FEATURES.n_channels :] = 1.0
    return bundle_of(vae, vocoder, speakers=["ann", "bob"], card="# A card\n", checksum="0123456789ab")


@pytest.fixture(scope="module")
def vv(parts: Bundle) -> VoiceVAE:
    return VoiceVAE(parts, torch_networks.load(parts))


@pytest.fixture(scope="module")
def code(vv: VoiceVAE) -> Code:
    return vv.encode(vowel(1.6))


def cents_between(made: np.ndarray, wanted_log_f0: np.ndarray) -> np.ndarray:
    """Pitch of `made` against `wanted_log_f0` `[T]` in cents, over frames that are voiced in the middle of both."""
    frames = extract(made, FEATURES)
    n = min(len(frames), len(wanted_log_f0))
    inside = frames.voiced[:n] & (np.arange(n) > 8) & (np.arange(n) < n - 8)
    assert inside.sum() > 0.7 * n
    return (1200 / np.log(2) * (frames.log_f0[:n] - wanted_log_f0[:n]))[inside]


def level_db(wave: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(wave.astype(np.float64) ** 2)))


# --- the round trip -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_samples", [1600, 4800, 4801, 7999, 16000, 25600])
def test_an_unedited_round_trip_has_the_length_of_the_input(vv: VoiceVAE, n_samples: int) -> None:
    wave = vv.decode(vv.encode(vowel(2.0)[:n_samples]))
    assert wave.shape == (n_samples,) and wave.dtype == np.float32 and np.isfinite(wave).all()


@pytest.mark.parametrize("f0_hz", [95.0, 150.0, 240.0, 380.0])
def test_a_round_trip_keeps_the_pitch_within_15_cents(vv: VoiceVAE, f0_hz: float) -> None:
    source = vowel(1.0, f0_hz)
    error = cents_between(vv.decode(vv.encode(source)), extract(source, FEATURES).log_f0)
    assert np.median(np.abs(error)) < 15


def test_a_round_trip_keeps_the_frames(vv: VoiceVAE, code: Code) -> None:
    """With its residual a code decodes to the very frames that it was made from."""
    frames = extract(vowel(1.6), FEATURES)
    mel, contours = vv.coder.decode(code)
    np.testing.assert_allclose(mel, frames.mel, atol=1e-3)
    np.testing.assert_allclose(contours.array(), frames.contours.array(), atol=1e-3)


def test_a_round_trip_keeps_the_level(vv: VoiceVAE, code: Code) -> None:
    assert level_db(vv.decode(code)) == pytest.approx(level_db(vowel(1.6)), abs=1.5)


# --- edits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("semitones", [-6, -3, 3, 6, 12])
def test_pitch_edits_are_exact(vv: VoiceVAE, code: Code, semitones: float) -> None:
    wanted = extract(vowel(1.6), FEATURES).log_f0 + semitones * np.log(2) / 12
    error = cents_between(vv.decode(code.edit(pitch_semitones=semitones)), wanted)
    assert np.median(np.abs(error)) < 15


def test_no_pitch_range_is_monotone_at_the_mean(vv: VoiceVAE, code: Code) -> None:
    wave = vv.decode(code.edit(pitch_range=0))
    assert np.median(np.abs(cents_between(wave, np.full(200, code.speaker.log_f0_mean)))) < 10


@pytest.mark.parametrize("rate", [0.25, 0.75, 0.9, 1.25, 1.7, 4.0])
def test_rate_divides_the_length(vv: VoiceVAE, code: Code, rate: float) -> None:
    wave = vv.decode(code.edit(rate=rate))
    assert len(wave) == round(25600 / rate)
    assert code.edit(rate=rate).duration_s * RATE == pytest.approx(len(wave), abs=1)


def test_rate_keeps_pitch_and_level(vv: VoiceVAE, code: Code) -> None:
    log_f0 = extract(vowel(1.6), FEATURES).log_f0
    wave = vv.decode(code.edit(rate=0.8))
    wanted = np.interp(np.arange(round(len(log_f0) / 0.8)) * 0.8, np.arange(len(log_f0)), log_f0)
    assert np.median(np.abs(cents_between(wave, wanted))) < 15
    assert level_db(wave) == pytest.approx(level_db(vv.decode(code)), abs=0.5)


@pytest.mark.parametrize("decibels", [-6.0, 6.0, 40.0])
def test_energy_is_a_gain_of_the_samples(vv: VoiceVAE, code: Code, decibels: float) -> None:
    plain, edited = vv.decode(code), vv.decode(code.edit(energy_db=decibels))
    np.testing.assert_allclose(edited / 10 ** (decibels / 20), plain, rtol=1e-3, atol=1e-3 * np.abs(plain).max())


@pytest.mark.parametrize("semitones", [-3.0, 3.0])
def test_formants_move_and_pitch_and_level_stay(vv: VoiceVAE, code: Code, semitones: float) -> None:
    plain, edited = vv.decode(code), vv.decode(code.edit(formant_semitones=semitones))
    wanted = extract(vowel(1.6), FEATURES).log_f0
    assert np.median(np.abs(cents_between(edited, wanted))) < 15
    assert level_db(edited) == pytest.approx(level_db(plain), abs=0.4)
    ratio = centroid_hz(edited) / centroid_hz(plain)
    assert 12 * np.log2(ratio) == pytest.approx(semitones, abs=1)


def centroid_hz(wave: np.ndarray) -> float:
    """Centre of gravity of the spectrum's power below 4 kHz, on a logarithmic axis."""
    power, hz = np.abs(np.fft.rfft(wave)) ** 2, np.fft.rfftfreq(len(wave), 1 / RATE)
    heard = (hz > 200) & (hz < 4000)
    return float(np.exp((np.log(hz[heard]) * power[heard]).sum() / power[heard].sum()))


def test_a_mark_moves_its_span_and_nothing_else(vv: VoiceVAE, code: Code) -> None:
    decoded = map(vv.coder.decode, (code, code.edit(marks=[(0.4, 0.8, Edit(3, 1, 1, 6, 2))])))
    plain, marked = ((mel, contours.array()) for mel, contours in decoded)
    for before, after in zip(plain, marked, strict=True):
        np.testing.assert_array_equal(after[:30], before[:30])
        np.testing.assert_array_equal(after[67:], before[67:])
    moved = (marked[1] - plain[1])[35:62]
    np.testing.assert_allclose(moved[:, 0], 3 * np.log(2) / 12, atol=1e-4)
    np.testing.assert_allclose(moved[:, 2], 6, atol=1e-4)
    assert np.abs(marked[0] - plain[0])[35:62].mean() > 0.05


def test_a_mark_on_everything_says_what_the_edit_says(vv: VoiceVAE, code: Code) -> None:
    edit = Edit(pitch_semitones=2, rate=1.2, formant_semitones=1)
    marked = vv.decode(code.edit(marks=[(0, 1.6, edit)]))
    np.testing.assert_array_equal(marked, vv.decode(code.edit(pitch_semitones=2, rate=1.2, formant_semitones=1)))


def test_rates_of_marks_and_of_the_whole_multiply(vv: VoiceVAE, code: Code) -> None:
    edited = code.edit(rate=2, marks=[(0.4, 0.8, Edit(rate=0.5))])
    assert len(vv.decode(edited)) == RATE * (0.6 + 0.4)
    assert edited.duration_s == pytest.approx(1.0)


def test_a_marked_code_speaks_the_same_from_its_file(vv: VoiceVAE, code: Code, tmp_path: Path) -> None:
    edited = code.edit(rate=1.1, marks=[(0.2, 0.5, Edit(energy_db=3)), (0.9, 1.6, Edit(rate=0.8))])
    edited.save(tmp_path / "a.npz")
    loaded = Code.load(tmp_path / "a.npz")
    assert loaded.marks == edited.marks
    np.testing.assert_array_equal(vv.decode(loaded), vv.decode(edited))


def test_modulate_is_encode_edit_decode(vv: VoiceVAE, code: Code) -> None:
    made = vv.modulate(vowel(1.6), pitch_semitones=2, rate=1.1, seed=4)
    np.testing.assert_array_equal(made, vv.decode(code.edit(pitch_semitones=2, rate=1.1), seed=4))


@pytest.mark.parametrize("edits", [{"rate": 0}, {"rate": 100}, {"pitch_semitones": 99}, {"volume": 3}])
def test_edits_that_cannot_be_are_refused(vv: VoiceVAE, edits: dict[str, Any]) -> None:
    with pytest.raises(EditError):
        vv.modulate(vowel(0.3), **edits)


# --- chunks, lists and seeds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk_frames", [40, 64])
def test_chunks_leave_no_trace(vv: VoiceVAE, code: Code, monkeypatch: pytest.MonkeyPatch, chunk_frames: int) -> None:
    whole = vv.decode(code.edit(rate=0.8, formant_semitones=1))
    voice = vv.speaker(vowel(1.0, 210.0, (900, 2400)))
    converted, _ = vv.coder.decode(code.edit(speaker=voice))
    monkeypatch.setattr(coder, "CHUNK_FRAMES", chunk_frames)
    monkeypatch.setattr(source_filter, "CHUNK_FRAMES", chunk_frames)
    again = vv.encode(vowel(1.6))
    for name in ("prosody", "content", "contour_residual", "mel_residual"):
        np.testing.assert_allclose(getattr(again, name), getattr(code, name), atol=1e-4, err_msg=name)
    np.testing.assert_allclose(again.speaker.z, code.speaker.z, atol=1e-5)
    blocks = list(vv.decode_blocks(again.edit(rate=0.8, formant_semitones=1)))
    assert len(blocks) > 2
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-3 * np.abs(whole).max())
    np.testing.assert_allclose(vv.coder.decode(code.edit(speaker=voice))[0], converted, atol=1e-3)


def test_a_list_equals_its_items_one_by_one(vv: VoiceVAE) -> None:
    sources = [vowel(0.8), vowel(0.5, 220.0)]
    together, speaker = vv.encode(sources), vv.speaker(vowel(1.0, 200.0))
    for source, one in zip(sources, together, strict=True):
        np.testing.assert_array_equal(vv.encode(source).content, one.content)
    for of in (
        lambda x: vv.decode(vv.encode(x)),
        lambda x: vv.convert(x, voice=speaker, seed=3),
        lambda x: vv.modulate(x, rate=1.2, seed=3),
    ):
        for source, wave in zip(sources, of(sources), strict=True):
            np.testing.assert_array_equal(wave, of(source))


def test_the_same_seed_says_the_same(vv: VoiceVAE, code: Code) -> None:
    np.testing.assert_array_equal(vv.decode(code, seed=1), vv.decode(code, seed=1))
    assert not np.array_equal(vv.decode(code, seed=1), vv.decode(code, seed=2))


def test_the_state_of_the_world_does_not_matter(vv: VoiceVAE) -> None:
    torch.manual_seed(1)
    one = vv.convert(vowel(0.4), voice=vv.sample(5), seed=1)
    torch.manual_seed(2)
    np.testing.assert_array_equal(vv.convert(vowel(0.4), voice=vv.sample(5), seed=1), one)


# --- sources --------------------------------------------------------------------------------------------------------


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


# --- voices ---------------------------------------------------------------------------------------------------------


def test_a_reference_that_nobody_speaks_in_is_refused_by_name(vv: VoiceVAE, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 16000).astype(np.float32)
    sf.write(tmp_path / "hiss.wav", noise, RATE)
    with pytest.raises(AudioError, match="hiss.wav has no voiced"):
        vv.speaker(tmp_path / "hiss.wav")
    with pytest.raises(AudioError, match="no voiced"):
        vv.convert(vowel(0.4), voice=noise)


def test_several_recordings_are_one_voice(vv: VoiceVAE, tmp_path: Path) -> None:
    waves = [vowel(0.8, 200.0), vowel(0.6, 220.0), vowel(0.7, 180.0)]
    for name, wave in zip("abc", waves, strict=True):
        sf.write(tmp_path / f"{name}.wav", wave, RATE, subtype="FLOAT")
    (tmp_path / "notes.txt").write_text("no sound")
    voice = vv.speaker(waves)
    means = [vv.speaker(wave).log_f0_mean for wave in waves]
    assert min(means) < voice.log_f0_mean < max(means) and voice.log_f0_std > vv.speaker(waves[0]).log_f0_std
    for same in (
        vv.speaker(tmp_path),
        vv.speaker([tmp_path]),
        vv.speaker([tmp_path / f"{name}.wav" for name in "abc"]),
    ):
        assert_same_voice(same, voice)
    vv.save_voice(tmp_path, tmp_path / "pooled.voice")
    assert_same_voice(vv.speaker(tmp_path / "pooled.voice"), voice)
    np.testing.assert_array_equal(vv.convert(vowel(0.4), voice=waves), vv.convert(vowel(0.4), voice=voice))


def test_a_recording_twice_says_the_same_of_the_voice(vv: VoiceVAE) -> None:
    once, twice = vv.speaker(vowel(0.8)), vv.speaker([vowel(0.8)] * 2)
    for name in ("log_f0_mean", "log_f0_std", "mel_mean", "mel_cov"):
        np.testing.assert_allclose(getattr(twice, name), getattr(once, name), atol=1e-4)
    assert_same_voice(vv.speaker([vowel(0.8)]), once)


def test_references_that_are_none_are_refused(vv: VoiceVAE, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no recording in the list"):
        vv.speaker([])
    with pytest.raises(AudioError, match="holds no sound file"):
        vv.speaker(tmp_path)
    for wrong in ([vowel(0.5), vv.sample(1)], [vowel(0.5), "some.voice"]):
        with pytest.raises(EditError, match="mix voices with blend"):
            vv.speaker(wrong)
    hiss = np.random.default_rng(0).normal(0, 0.05, 16000).astype(np.float32)
    sf.write(tmp_path / "hiss.wav", hiss, RATE)
    with pytest.raises(AudioError, match="hiss.wav has no voiced"):
        vv.speaker([vowel(0.5), tmp_path / "hiss.wav"])


def assert_same_voice(one: Speaker, two: Speaker) -> None:
    for name in Speaker.__dataclass_fields__:
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-5, err_msg=name)


def test_conversion_takes_the_register_of_the_target(vv: VoiceVAE) -> None:
    source, target = vowel(1.2, 130.0), vowel(1.2, 240.0, (800, 2200))
    made = extract(vv.convert(source, voice=target), FEATURES)
    wanted = extract(target, FEATURES)
    distance = made.log_f0[made.voiced].mean() - wanted.log_f0[wanted.voiced].mean()
    assert abs(12 * distance / np.log(2)) < 0.5


def test_conversion_keeps_the_intonation(vv: VoiceVAE) -> None:
    source = vowel(1.2, 130.0)
    made, was = extract(vv.convert(source, voice=vowel(1.2, 240.0)), FEATURES), extract(source, FEATURES)
    both = (made.voiced & was.voiced)[8:-8]
    assert np.corrcoef(made.log_f0[8:-8][both], was.log_f0[8:-8][both])[0, 1] > 0.95


def test_conversion_is_an_edit_of_the_speaker(vv: VoiceVAE, code: Code) -> None:
    speaker = vv.encode(vowel(1.0, 210.0)).speaker
    edited = vv.decode(code.edit(speaker=speaker, pitch_semitones=1), seed=2)
    np.testing.assert_array_equal(vv.convert(vowel(1.6), voice=speaker, pitch_semitones=1, seed=2), edited)
    np.testing.assert_array_equal(vv.convert(vowel(1.6), voice=vowel(1.0, 210.0), pitch_semitones=1, seed=2), edited)


def test_a_converted_mel_has_the_targets_long_term_mean(vv: VoiceVAE, code: Code) -> None:
    target = vv.speaker(vowel(1.6, 200.0, (900, 2400)))
    mel, _ = vv.coder.decode(code.edit(speaker=target))
    own, _ = vv.coder.decode(code)
    speech = slice(10, -10)
    assert distance(mel[speech].mean(0), target.mel_mean) < 0.3 * distance(own[speech].mean(0), target.mel_mean)


def test_less_of_the_residual_is_nearer_to_the_decoder(vv: VoiceVAE, code: Code) -> None:
    target = vv.speaker(vowel(1.6, 200.0, (900, 2400)))
    none, some, every = (vv.coder.decode(code.edit(speaker=target, residual=share))[0] for share in (0, 0.5, 1))
    without, _ = vv.coder.decode(replace(code, mel_residual=None).edit(speaker=target))
    np.testing.assert_allclose(none, without, atol=1e-5)
    assert 0 < np.abs(some - none).mean() < np.abs(every - none).mean()


def test_full_likeness_has_the_voices_mean(vv: VoiceVAE, code: Code) -> None:
    target = vv.speaker(vowel(1.6, 200.0, (900, 2400)))
    speech = vv.coder.contours(code).speech
    near = [vv.coder.decode(code.edit(speaker=target, likeness=share))[0][speech].mean(0) for share in (0, 0.5, 1)]
    away = [distance(mean[:80], target.mel_mean[:80]) for mean in near]
    assert away[2] < 0.05 and away[2] < away[1] < away[0]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_share_of_the_residual_in_the_own_voice(vv: VoiceVAE, code: Code, share: float) -> None:
    whole, part = (vv.coder.decode(one)[0] for one in (code, code.edit(residual=share)))
    change = (whole - part)[:, :80] - (1 - share) * code.mel_residual[:, :80]
    np.testing.assert_allclose(change, change[:, :1] + np.zeros_like(change), atol=1e-4)  # but for the level


def distance(one: np.ndarray, two: np.ndarray) -> float:
    """Between two spectral shapes, in nats, whatever their level."""
    return float((one - two - (one - two).mean()).std())


def test_a_sampled_voice_is_the_seeds_and_can_speak(vv: VoiceVAE, code: Code) -> None:
    one, same, other = vv.sample(1), vv.sample(1), vv.sample(2)
    for name in Speaker.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
    assert not np.array_equal(one.z, other.z)
    assert one.mel_mean.shape == (88,) and one.mel_cov.shape == (88, 88) and one.log_f0_std > 0
    wave = vv.decode(code.edit(speaker=one))
    assert np.isfinite(wave).all() and len(wave) == 25600
    assert extract(wave, FEATURES).log_f0.mean() == pytest.approx(one.log_f0_mean, abs=0.15)


def test_voices_of_a_label_are_drawn_about_its_own_mean(vv: VoiceVAE, parts: Bundle) -> None:
    for index, label in enumerate(parts.speakers):
        drawn = np.stack([vv.sample(seed, label=label).z for seed in range(60)])
        mean = parts.weights["vae"]["prior.means.weight"][index]
        np.testing.assert_allclose(drawn.mean(0), mean, atol=0.5)  # four standard errors
    drawn = np.stack([vv.sample(seed).z for seed in range(200)])
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.3)
    np.testing.assert_allclose(drawn.std(0), 1, atol=0.25)


def test_an_unknown_label_is_named(vv: VoiceVAE) -> None:
    with pytest.raises(EditError, match="carl"):
        vv.sample(label="carl")


# --- codes and bundles ----------------------------------------------------------------------------------------------


def test_a_code_speaks_the_same_from_its_file(vv: VoiceVAE, code: Code, tmp_path: Path) -> None:
    for voice in (None, vv.sample(seed=1)):
        edited = code.edit(speaker=voice, rate=1.1, pitch_semitones=-2)
        edited.save(tmp_path / "a.npz")
        np.testing.assert_array_equal(vv.decode(Code.load(tmp_path / "a.npz")), vv.decode(edited))


def test_rates_and_widths_of_the_latents(code: Code) -> None:
    assert code.content.shape == (-(-129 // 2), MODEL.content_dim)  # 25600 samples are 129 frames
    assert code.prosody.shape == (-(-129 // 4), MODEL.prosody_dim)
    assert code.speaker.z.shape == (MODEL.speaker_dim,)


def narrow(speaker: Speaker) -> Speaker:
    """A voice of fewer mel bands."""
    return replace(speaker, mel_mean=speaker.mel_mean[1:], mel_cov=speaker.mel_cov[1:, 1:])


@pytest.mark.parametrize(
    "change",
    [
        lambda code: {"content": code.content[:, 1:]},
        lambda code: {"prosody": code.prosody[:, 1:]},
        lambda code: {"speaker": replace(code.speaker, z=code.speaker.z[1:])},
        lambda code: {"sample_rate": 22050},
        lambda code: {"speaker": narrow(code.speaker)},
        lambda code: {"recorded": narrow(code.speaker)},
        lambda code: {"content": code.content[1:]},
        lambda code: {"mel_residual": code.mel_residual[1:]},
    ],
)
def test_a_code_of_another_bundle_is_refused(vv: VoiceVAE, code: Code, change: Callable[[Code], Any]) -> None:
    with pytest.raises(EditError):
        vv.decode(replace(code, **change(code)))


def test_a_saved_and_loaded_bundle_says_nearly_the_same(
    vv: VoiceVAE, parts: Bundle, code: Code, tmp_path: Path
) -> None:
    bundle.save(parts, tmp_path / "mine")
    loaded = load(tmp_path / "mine")
    assert loaded.card == parts.card and loaded.sample_rate == RATE and loaded.config == FEATURES
    wave, again = vv.decode(code), loaded.decode(loaded.encode(vowel(1.6)))
    assert np.abs(wave - again).max() < 0.05 * np.abs(wave).max()  # half precision


def test_a_code_without_a_residual_is_smaller_and_still_speaks(vv: VoiceVAE) -> None:
    code = vv.encode(vowel(0.6), residual=False)
    assert code.mel_residual is None
    wave = vv.decode(code)
    assert len(wave) == 9600 and np.isfinite(wave).all()
    assert level_db(wave) == pytest.approx(level_db(vowel(0.6)), abs=3)
