from dataclasses import replace
from pathlib import Path

import pytest

from voicevae.errors import AudioError
from voicevae.evaluation.clips import read_clips
from voicevae.evaluation.metrics import editing


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
