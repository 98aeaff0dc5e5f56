"""The intonation of a reference arrives, as far as it is asked for; register, voicing and timing are the source's."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.code import Code
from voicevae.errors import EditError
from voicevae.features import RelativeContours
from voicevae.verbs import transfer
from voicevae.voice import VoiceVAE

RATE = 16000


def speech(f0_hz: float, sway: float, pause: bool = False, seconds: float = 1.2) -> np.ndarray:
    """A buzz whose pitch rises and falls over it by `sway`, and that swells; perhaps with a pause in the middle."""
    time = np.arange(round(RATE * seconds)) / RATE
    phase = 2 * np.pi * np.cumsum(f0_hz * np.exp(sway * np.sin(2 * np.pi * time / seconds))) / RATE
    made = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 12)) * (1 + 0.6 * np.sin(4 * np.pi * time / seconds))
    if pause:
        made[round(0.5 * len(made)) : round(0.8 * len(made))] = 0
    noise = 1e-4 * np.random.default_rng(0).standard_normal(len(made))
    return (made + noise).astype(np.float32)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture(scope="module")
def flat(vv: VoiceVAE) -> Code:
    return vv.encode(speech(120, 0.02))


@pytest.fixture(scope="module")
def lively(vv: VoiceVAE) -> Code:
    return vv.encode(speech(220, -0.2, seconds=1.5))


def contours(vv: VoiceVAE, code: Code) -> tuple[np.ndarray, np.ndarray]:
    found = vv.coder.contours(code)
    return found.array(), found.voiced


def test_none_of_it_is_the_source_itself(vv: VoiceVAE, flat: Code, lively: Code) -> None:
    assert vv.transfer(flat, reference=lively, mix=0) is flat


@pytest.mark.parametrize("known", [True, False])
def test_a_recordings_own_intonation_changes_little(
    vv: VoiceVAE, lively: Code, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is smoothed away, whether the words are taken for the same or not."""
    if not known:
        monkeypatch.setattr(transfer, "aligned_places", lambda *_: None)
    before, voiced = contours(vv, lively)
    after, _ = contours(vv, vv.transfer(lively, reference=lively))
    assert np.abs(after - before)[voiced, 0].mean() < 0.1  # standard deviations
    assert np.abs(after - before)[voiced, 2].mean() < 0.025  # 0.5 dB


def test_the_pitch_takes_the_course_of_the_reference_as_far_as_asked(vv: VoiceVAE, flat: Code, lively: Code) -> None:
    own, voiced = contours(vv, flat)
    first, last = np.flatnonzero(voiced)[[0, -1]]
    other, there = contours(vv, lively)
    begin, end = np.flatnonzero(there)[[0, -1]]
    stretched = np.interp(np.linspace(begin, end, last - first + 1), np.arange(len(other)), other[:, 0])
    heard = []
    for mix in (0.25, 0.5, 0.75, 1):
        made, _ = contours(vv, vv.transfer(flat, reference=lively, mix=mix))
        heard.append(np.corrcoef(made[first : last + 1, 0], stretched)[0, 1])
    before = np.corrcoef(own[first : last + 1, 0], stretched)[0, 1]
    assert before < 0 and (np.diff([before, *heard]) > 0).all() and heard[-1] > 0.98


def test_a_semitone_is_a_semitone_and_the_register_stays(vv: VoiceVAE, flat: Code, lively: Code) -> None:
    made = vv.transfer(flat, reference=lively)
    after, voiced = contours(vv, made)
    log_f0 = after[voiced, 0] * made.speaker.log_f0_std
    assert log_f0.mean() == pytest.approx(0, abs=1e-3)
    assert log_f0.std() == pytest.approx(lively.speaker.log_f0_std, rel=0.1)


def test_voicing_timing_and_voice_are_the_sources(vv: VoiceVAE, flat: Code, lively: Code) -> None:
    made = vv.transfer(flat, reference=lively)
    np.testing.assert_allclose(contours(vv, made)[0][:, 1], contours(vv, flat)[0][:, 1], atol=1e-6)
    assert made.speaker is flat.speaker and made.content is flat.content
    moved, n_mels = made.mel_residual - flat.mel_residual, vv.config.n_mels
    np.testing.assert_allclose(moved[:, :n_mels], np.repeat(moved[:, :1], n_mels, 1), atol=1e-5)  # a level, no colour
    assert not moved[:, n_mels:].any()
    assert made.n_samples == flat.n_samples


def test_a_tone_is_no_louder_than_its_contour_says(vv: VoiceVAE, lively: Code) -> None:
    tone = vv.encode(0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000), 16000)
    made = vv.transfer(tone, reference=lively)
    (mel, _), (own, _) = vv.coder.decode(made), vv.coder.decode(tone)
    np.testing.assert_allclose(vv.coder.level(mel), vv.coder.level(own), atol=1e-4)


def test_it_is_an_edit_like_others(vv: VoiceVAE, flat: Code, lively: Code) -> None:
    one = vv.transfer(flat.edit(pitch_semitones=3, rate=1.5), reference=lively.edit(rate=2, pitch_range=0.5))
    two = vv.transfer(flat, reference=lively).edit(pitch_semitones=3, rate=1.5)
    (mel, made), (wanted_mel, wanted) = vv.coder.decode(one), vv.coder.decode(two)
    np.testing.assert_allclose(mel, wanted_mel, atol=1e-5)
    np.testing.assert_allclose(made.array(), wanted.array(), atol=1e-5)
    voice = lively.speaker
    assert np.isfinite(vv.decode(vv.transfer(flat.edit(speaker=voice), reference=lively))).all()


def test_phrases_are_parted_by_pauses(vv: VoiceVAE) -> None:
    whole, parted = (vv.encode(speech(150, 0.1, pause)) for pause in (False, True))
    assert len(transfer.phrases(vv.coder.contours(whole), vv.config.frame_rate)) == 1
    (a, b), (c, d) = transfer.phrases(vv.coder.contours(parted), vv.config.frame_rate)
    assert a < b < c < d
    assert b == pytest.approx(0.6 * vv.config.frame_rate, abs=4) and c == pytest.approx(
        0.96 * vv.config.frame_rate, abs=4
    )


def test_phrase_by_phrase_where_there_are_equally_many() -> None:
    def with_pauses(*spans: tuple[int, int]) -> RelativeContours:
        made = np.full((300, 3), -3.0)
        for start, stop in spans:
            made[start:stop] = (0, 1, 0)
        return RelativeContours.from_array(made)

    one, other = with_pauses((10, 60), (100, 200)), with_pauses((0, 100), (150, 170))
    place = transfer.stretched_places(one, other, 80)
    np.testing.assert_allclose(place[[10, 59, 100, 199]], [0, 99, 150, 169])
    place = transfer.stretched_places(one, with_pauses((50, 250)), 80)
    np.testing.assert_allclose(place[[10, 199]], [50, 249])


@pytest.mark.parametrize("mix", [-0.1, 1.5, float("nan"), True, "all", None])
def test_a_bad_mix_is_named(vv: VoiceVAE, flat: Code, lively: Code, mix: object) -> None:
    with pytest.raises(EditError, match="mix is .* from 0 to 1"):
        vv.transfer(flat, reference=lively, mix=mix)


def test_a_recording_without_voice_has_no_intonation(vv: VoiceVAE, flat: Code) -> None:
    hiss = np.random.default_rng(0).normal(0, 0.05, 8000).astype(np.float32)
    with pytest.raises(EditError, match="The reference has no voiced speech"):
        vv.transfer(flat, reference=hiss)
    with pytest.raises(EditError, match="The source has no voiced speech"):
        vv.transfer(hiss, RATE, reference=flat)


def test_marks_stay_where_they_are(vv: VoiceVAE, flat: Code, lively: Code) -> None:
    mark = (0.2, 0.5, voicevae.Edit(rate=0.5, energy_db=3))
    one = vv.transfer(flat.edit(marks=[mark]), reference=lively.edit(marks=[mark]))
    two = vv.transfer(flat, reference=lively).edit(marks=[mark])
    assert one.marks == two.marks
    (mel, made), (wanted_mel, wanted) = vv.coder.decode(one), vv.coder.decode(two)
    np.testing.assert_allclose(mel, wanted_mel, atol=1e-5)
    np.testing.assert_allclose(made.array(), wanted.array(), atol=1e-5)
