"""Spans are judged where they are: what nothing changes errs by all that was asked, what does it errs by nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicevae.evaluation.clips import read_clips
from voicevae.evaluation.metrics.pitch import Track
from voicevae.evaluation.verbs import spans
from voicevae.features import Frames
from voicevae.voice import load

LN2 = np.log(2)


def frames(n: int = 200) -> Frames:
    log_f0 = (5 + 0.1 * np.sin(np.arange(n) / 9)).astype(np.float32)
    return Frames(np.zeros((n, 88), np.float32), log_f0, np.ones(n, np.float32), np.full(n, -20, np.float32))


def halves(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(n) < 90, np.arange(n) > 110


def test_what_was_asked_for_is_no_error() -> None:
    source, (inside, outside) = frames(), halves()
    shift = np.where(np.arange(200) < 100, 1, 0).astype(np.float32)
    raised = replace(source, log_f0=source.log_f0 + shift * 3 * LN2 / 12, loudness_db=source.loudness_db + 6 * shift)
    for errors in spans.compare(source, raised, inside, outside):
        np.testing.assert_allclose(errors, 0, atol=0.1)


def test_nothing_done_is_an_error_in_the_span_alone() -> None:
    cents_in, cents_out, db_in, db_out = spans.compare(frames(), frames(), *halves())
    np.testing.assert_allclose(cents_in, 300, atol=0.1)
    np.testing.assert_allclose(db_in, 6)
    assert len(cents_in) == len(db_in) == 90 and not cents_out.any() and not db_out.any()


def test_a_standard_deviation_is_that_of_the_frames_voiced_in_both() -> None:
    source = Track(frames().log_f0, np.ones(200, bool))
    wide = Track(5 + 1.6 * (source.log_f0 - 5), np.arange(200) < 150)
    assert spans.std(source, wide) == pytest.approx(1, abs=1e-4)
    assert spans.std(source, source) == pytest.approx(1 / 1.6, abs=1e-4)
    assert np.isnan(spans.std(source, Track(source.log_f0, np.arange(200) < 9)))


def test_a_voice_that_changes_nothing_fails_and_ours_does_not(unchanged, corpus: Path, small_bundle: Path) -> None:
    clips = read_clips(corpus, "dev")[:2]
    for vv, met in ((unchanged, False), (load(small_bundle), True)):
        measured, failed = spans.mark_all(vv, clips, lambda: None)
        assert not failed and len(measured) == 2
        rows = {row.figure: row.met for row in spans.rows(spans.evaluate(measured))}
        assert rows[spans.FIGURE] is met and rows["a span at rate 0.8: error of duration"] is met


def test_a_clip_that_fails_is_named(unchanged, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    clip = replace(read_clips(corpus, "dev")[0], path=tmp_path / "bad.wav")
    measured, failed = spans.mark_all(unchanged, [clip], lambda: None)
    assert measured == [] and clip.id in failed[0]
