from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicevae.errors import AudioError
from voicevae.evaluation.clips import read_clips
from voicevae.evaluation.metrics import editing

RATE = 16000


def test_a_voice_that_edits_level_and_length_alone_is_seen_as_such(unchanged, corpus: Path) -> None:
    clips, steps = read_clips(corpus, "dev")[:3], []
    measured, failed = editing.edit_all(unchanged, clips, lambda: steps.append(1))
    found = editing.evaluate(measured)
    assert not failed and len(steps) == editing.STEPS * len(clips)
    assert found["pitch"][0.0]["median_cents"] == 0
    assert found["pitch"][0.0]["voicing_agreement"] == 1
    assert found["pitch"][-6.0]["median_cents"] == pytest.approx(600, abs=1)
    assert found["file"][0.75]["max_percent"] < 0.1
    assert found["speech"][1.25]["mean_percent"] < 5
    assert found["energy"][6.0]["mean_abs_db"] < 0.01


def test_rows_carry_the_targets(unchanged, corpus: Path) -> None:
    measured, _ = editing.edit_all(unchanged, read_clips(corpus, "dev")[:2], lambda: None)
    met = {row.figure: row.met for row in editing.rows(editing.evaluate(measured))}
    assert met["unedited round trip: median F0 error"] is True
    assert met["pitch edit of +3 semitones: median F0 error"] is False
    assert met["rate 0.75: duration error"] is True
    assert met["energy -6 dB: error"] is True


def test_a_clip_that_fails_is_named_and_the_rest_goes_on(unchanged, corpus: Path, tmp_path: Path) -> None:
    clips = read_clips(corpus, "dev")[:2]
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    clips[0] = replace(clips[0], path=tmp_path / "bad.wav")
    measured, failed = editing.edit_all(unchanged, clips, lambda: None)
    assert len(failed) == 1 and clips[0].id in failed[0]
    assert len(measured.tracks[0.0]) == 1
    with pytest.raises(AudioError):
        measured.add(unchanged, clips[0], lambda: None)


def test_errors_of_durations_are_relative_to_the_request() -> None:
    assert editing.duration_error_percent(2.0, 2.0) == 0
    assert editing.duration_error_percent(2.0, 1.9) == pytest.approx(5)
    assert editing.rate_errors([(2.0, 2.1), (1.0, 1.0)]) == pytest.approx({"mean_percent": 2.5, "max_percent": 5})


def test_speech_lasts_from_first_to_last_voiced_frame_whatever_pads_it() -> None:
    voiced = np.array([0, 1, 0, 0, 1, 1, 0], bool)
    assert editing.speech_s(voiced, 10.0) == pytest.approx(0.5)
    assert editing.speech_s(np.pad(voiced, 50), 10.0) == pytest.approx(0.5)
    assert editing.speech_s(np.zeros(5, bool), 10.0) == 0


@pytest.mark.parametrize("durations", [(0.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (1.0, float("inf"))])
def test_bad_durations_raise(durations: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="Durations"):
        editing.duration_error_percent(*durations)


@pytest.mark.parametrize("decibels", [-6.0, 0.0, 6.0])
def test_a_gain_is_measured_in_db(decibels: float, harmonic) -> None:
    wave = harmonic(150.0, 1.0)
    assert editing.level_change_db(wave, wave * 10 ** (decibels / 20), RATE) == pytest.approx(decibels, abs=1e-4)


def test_silence_around_speech_does_not_count(harmonic) -> None:
    wave = harmonic(150.0, 1.0)
    assert 0 < editing.speech_frames(wave, RATE).mean() < 0.7
    hum = wave.copy()
    hum[:1600] += 0.3  # loud, where the source is silent
    assert editing.level_change_db(wave, hum, RATE) == pytest.approx(0, abs=1e-4)


def test_errors_of_level_are_from_the_request() -> None:
    found = editing.energy_errors([5.0, 8.0], 6.0)
    assert found == pytest.approx({"mean_abs_db": 1.5, "max_abs_db": 2.0, "bias_db": 0.5})


@pytest.mark.parametrize("output", [np.zeros(100), np.ones(99), np.full(100, np.nan), np.ones((100, 1))])
def test_bad_waves_raise(output: np.ndarray) -> None:
    with pytest.raises(ValueError):
        editing.level_change_db(np.ones(100), output, RATE)
