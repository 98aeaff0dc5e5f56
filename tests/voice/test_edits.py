"""Edits change what they name by as much as was asked, and nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.voice.conftest import FEATURES, RATE, cents_between, level_db, vowel
from voicevae import VoiceVAE
from voicevae.code import Code
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.features import extract


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
    """But for rounding, as no network runs where none is needed; with less of the residual, all do."""
    made = vv.modulate(vowel(1.6), pitch_semitones=2, rate=1.1, seed=4)
    np.testing.assert_allclose(made, vv.decode(code.edit(pitch_semitones=2, rate=1.1), seed=4), atol=1e-5)
    less = vv.modulate(vowel(1.6), pitch_semitones=2, residual=0.5, seed=4)
    np.testing.assert_array_equal(less, vv.decode(code.edit(pitch_semitones=2, residual=0.5), seed=4))


@pytest.mark.parametrize("edits", [{"rate": 0}, {"rate": 100}, {"pitch_semitones": 99}, {"volume": 3}])
def test_edits_that_cannot_be_are_refused(vv: VoiceVAE, edits: dict[str, Any]) -> None:
    with pytest.raises(EditError):
        vv.modulate(vowel(0.3), **edits)
