"""References, conversions and sampled voices."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.voice.conftest import FEATURES, RATE, vowel
from voicevae import VoiceVAE
from voicevae.bundle import Bundle
from voicevae.code import Code, Speaker
from voicevae.errors import AudioError, EditError
from voicevae.features import extract


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
