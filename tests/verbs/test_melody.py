"""What is sung is on its notes, when it should be, and everything else composes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicevae
from voicevae.code import Code
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.features.prosody import f0
from voicevae.verbs import melody
from voicevae.verbs.notes import log_f0_of, midi_of
from voicevae.voice import VoiceVAE

RATE, FPS = 16000, 80
TUNE = "R:0.2 E3:0.4 G3:0.4 R:0.2 C4:0.6"
CENTS = 1200 / np.log(2)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture(scope="module")
def code(vv: VoiceVAE) -> Code:
    """Three vowels of falling pitch about 170 Hz."""
    time = np.arange(round(1.4 * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(170 * 2 ** ((0.7 - time) / 4)) / RATE
    tone = sum(np.sin(k * phase) / (1 + ((170 * k - 600) / 300) ** 2) for k in range(1, 25))
    gate = sum(np.clip(np.minimum(time - a, a + 0.25 - time) / 0.03, 0, 1) for a in (0.1, 0.5, 0.9))
    return vv.encode((0.2 * tone * gate).astype(np.float32))


def contours(vv: VoiceVAE, code: Code) -> np.ndarray:
    return vv.coder.decode(code)[1].array()


def test_the_contour_is_the_notes_to_the_cent_away_from_glides(vv: VoiceVAE, code: Code) -> None:
    song = vv.melody(code, notes=TUNE, transpose="none")
    assert song.duration_s == pytest.approx(1.8)
    log_f0, times = contours(vv, song)[:, 0], np.arange(song.n_samples // 200 + 1) / FPS
    for start, end, midi in ((0.2, 0.6, 52), (0.6, 1.0, 55), (1.2, 1.8, 60)):
        inside = (times > start + melody.GLIDE_S / 2) & (times < end - melody.GLIDE_S / 2)
        assert np.abs(CENTS * (log_f0[inside] - log_f0_of(midi))).max() < 0.1


def test_rests_are_silent_and_notes_are_not(vv: VoiceVAE, code: Code) -> None:
    loudness = contours(vv, vv.melody(code, notes=TUNE))[:, 2]
    assert loudness[round(1.1 * FPS)] < loudness[round(0.4 * FPS)] - 40
    assert loudness[round(1.5 * FPS)] > loudness[round(1.1 * FPS)] + 40


def test_strength_is_the_share_of_the_way_and_vibrato_has_its_depth(vv: VoiceVAE, code: Code) -> None:
    none, half, full = (contours(vv, vv.melody(code, notes=TUNE, strength=s))[:, 0] for s in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(half, (none + full) / 2, atol=1e-4)
    shaken = contours(vv, vv.melody(code, notes="C3:3", vibrato=(5.0, 60)))[:, 0]
    plain = contours(vv, vv.melody(code, notes="C3:3"))[:, 0]
    cents = CENTS * (shaken - plain)[FPS:-FPS]
    assert np.abs(cents).max() == pytest.approx(60, abs=1)
    assert np.abs(np.fft.rfft(cents)).argmax() * FPS / len(cents) == pytest.approx(5.0, abs=0.5)


def test_the_tune_lies_in_the_register_by_default(vv: VoiceVAE, code: Code) -> None:
    for octave in (1, 3, 5):
        song = vv.melody(code, notes=f"F{octave}:0.5 F{octave}:0.5")
        assert abs(midi_of(contours(vv, song)[20:60, 0].mean()) - midi_of(code.speaker.log_f0_mean)) <= 6


def test_a_pitch_edit_transposes_the_song_and_a_song_can_be_spoken(vv: VoiceVAE, code: Code) -> None:
    song = vv.melody(code.edit(energy_db=2), notes=TUNE)
    assert song.changes == Edit(energy_db=2)
    higher = contours(vv, song.edit(pitch_semitones=2))
    np.testing.assert_allclose(CENTS * (higher - contours(vv, song))[:, 0], 200, atol=0.5)
    wave = vv.decode(song)
    assert len(wave) == song.n_samples and np.isfinite(wave).all()


def test_another_voice_sings_the_same_notes(vv: VoiceVAE, code: Code) -> None:
    other = vv.sample(3)
    song = vv.melody(code.edit(speaker=other), notes=TUNE, transpose="none")
    assert song.speaker is other
    log_f0 = contours(vv, song)[:, 0]
    assert np.abs(CENTS * (log_f0[30:46] - log_f0_of(52))).max() < 0.1


def test_the_mel_is_the_speech_s_read_along_the_map(vv: VoiceVAE, code: Code) -> None:
    """Strength 0 and the recording's own lengths: the vowels' mel is found again."""
    before, after = vv.coder.decode(code)[0], vv.coder.decode(vv.melody(code, notes="C3:1", strength=0))[0]
    distance = np.abs(after[:, None] - before[None]).mean(2).min(1)
    assert np.median(distance) < 0.1 * np.abs(before - before.mean(0)).mean()


def test_a_scale_holds_every_frame_and_time_stays(vv: VoiceVAE, code: Code) -> None:
    tuned = vv.melody(code, tune="D:pentatonic")
    assert tuned.n_samples == code.n_samples
    midi = midi_of(contours(vv, tuned)[:, 0])
    steps = np.array([2, 4, 6, 9, 11])
    away = np.abs((midi[:, None] - steps + 6) % 12 - 6).min(1)
    assert np.median(away) < 0.005
    np.testing.assert_allclose(contours(vv, tuned)[:, 1:], contours(vv, code)[:, 1:], atol=1e-3)
    kept = vv.melody(code, tune="D:pentatonic", strength=0.0)
    np.testing.assert_allclose(contours(vv, kept), contours(vv, code), atol=1e-3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "either notes, or a tune"),
        ({"notes": TUNE, "tune": "C:major"}, "either notes, or a tune"),
        ({"notes": TUNE, "strength": 1.5}, "strength is 1.5"),
        ({"notes": TUNE, "strength": float("nan")}, "strength is nan"),
        ({"notes": TUNE, "vibrato": (5.0, 500)}, "vibrato depth is 500"),
        ({"notes": TUNE, "vibrato": (50.0, 20)}, "vibrato rate is 50.0"),
        ({"notes": TUNE, "vibrato": 5.0}, "vibrato is 5.0"),
        ({"notes": "C9:1", "transpose": "none"}, "Hz; give notes from"),
        ({"notes": TUNE, "transpose": "up"}, "octaves, key, none"),
        ({"tune": "C:blues"}, "tune is 'C:blues'"),
    ],
)
def test_what_cannot_be_sung_is_one_sentence(vv: VoiceVAE, code: Code, options: dict[str, Any], said: str) -> None:
    with pytest.raises(EditError, match=said):
        vv.melody(code, **options)


def test_a_code_with_marks_is_refused(vv: VoiceVAE, code: Code) -> None:
    with pytest.raises(EditError, match="after the melody"):
        vv.melody(code.edit(marks=[(0.1, 0.3, Edit(pitch_semitones=2))]), notes=TUNE)


def test_a_recording_is_sung_as_written(recordings: Path) -> None:
    vv = voicevae.load()
    path = sorted((recordings / "speechocean762").glob("*/*.flac"))[0]
    song = vv.melody(path, notes="C4:0.5 E4:0.5 G4:1")
    log_f0, voicing = f0(vv.decode(song), vv.config)
    midi = midi_of(log_f0[[i for i in range(92, 150) if voicing[i] > 0.5]])
    assert np.median(np.abs((midi - 67 + 6) % 12 - 6)) < 0.15
