"""The curve: identities, known numbers, and what a person reads of it."""

from pathlib import Path

import numpy as np
import pytest

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.clips import Clip, read_clips
from voicevae.evaluation.metrics import quality
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import Pair, draw_across
from voicevae.evaluation.report import curve
from voicevae.evaluation.report.curve import SHIPPED, Outcome
from voicevae.recipes.curve import settings


class Spectrum:
    """Tells speakers by the mean magnitude spectrum."""

    def embed(self, wave: np.ndarray, sample_rate: int) -> np.ndarray:
        frames = np.lib.stride_tricks.sliding_window_view(wave, 512)[::256]
        return np.abs(np.fft.rfft(frames * np.hanning(512))).mean(0)


@pytest.fixture(autouse=True)
def unrated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "missing", lambda: {"dnsmos": "takes a second a wave"})


@pytest.fixture
def pairs(corpus: Path) -> list[Pair]:
    return draw_across([clip for clip in read_clips(corpus, "dev") if clip.duration_s >= 2.2], 4, 0)


def test_a_source_that_stays_adds_no_errors_and_closes_nothing(unchanged, pairs: list[Pair], ears) -> None:
    points = curve.curve(
        unchanged, pairs, {"higher": {"pitch_semitones": 4}}, Transcriber(ears("x")), Originals(unchanged, Spectrum())
    )
    assert list(points) == [SHIPPED, "higher"]
    for point in points.values():
        assert point["pairs"] == 4 and point["cer_added"] == 0 and point["burst"] == 0
        assert point["closure"] == pytest.approx(0, abs=1e-6)
        assert point["mos_drop"] is None


def test_short_recordings_are_drawn_only_where_there_are_no_others() -> None:
    def clips(lengths: dict[str, float]) -> list[Clip]:
        return [Clip(f"{name}-{i}", name, Path("x.wav"), s) for name, s in lengths.items() for i in range(3)]

    assert {one.target for one in draw_across(clips({"a": 1.5, "b": 1.8}), 4, 0)} == {"a", "b"}
    assert {one.target for one in draw_across(clips({"a": 3.0, "b": 2.5, "c": 1.5}), 8, 0)} == {"a", "b"}


def test_the_reference_itself_closes_everything(target, pairs: list[Pair]) -> None:
    point = curve.curve(target, pairs, {}, None, Originals(target, Spectrum()))[SHIPPED]
    assert point["closure"] == pytest.approx(1, abs=0.1)
    assert point["cer_added"] is None


def outcome(target: str, cer: float, secs: float) -> Outcome:
    clips = [Clip("x", name, Path("x.wav"), 3.0) for name in ("a", target)]
    return Outcome(Pair(clips[0], clips[1], clips[1], ()), 0.1, cer, secs, 0.4, 0.8, 3.0, 2.5, 0.0)


def test_figures_are_means_over_pairs() -> None:
    found = curve.evaluate([outcome("b", 0.2, 0.6), outcome("c", 0.4, 0.7), outcome("d", 0.3, 0.5)])
    assert found["cer_source"] == pytest.approx(0.1) and found["cer_added"] == pytest.approx(0.2)
    assert found["closure"] == pytest.approx(0.5) and found["mos_drop"] == pytest.approx(0.5)
    assert found["eer"] == 0  # the reference is always nearer
    low, high = found["cer_added_interval"]
    assert 0.1 - 1e-9 <= low < 0.2 < high <= 0.3 + 1e-9


def test_the_shipped_setting_is_marked_and_the_plot_drawn(tmp_path: Path) -> None:
    points = {SHIPPED: curve.evaluate([outcome("b", 0.2, 0.6)]), "other": curve.evaluate([outcome("b", 0.3, 0.7)])}
    header, _, first, second = curve.table(points).splitlines()
    assert "CER added" in header and "closure" in header
    assert first.startswith(f"| **{SHIPPED}** | 0.100") and second.startswith("| other")
    assert curve.draw(points, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    unheard = {SHIPPED: curve.evaluate([outcome("b", float("nan"), 0.6)])}
    assert not curve.draw(unheard, tmp_path / "none.png") and not (tmp_path / "none.png").exists()


def test_rows_carry_the_targets_and_what_they_were_measured_on() -> None:
    rows = curve.rows("across corpora", curve.evaluate([outcome("b", 0.15, 0.7)]), True, "base")
    met = {row.figure: row.met for row in rows}
    assert met["across corpora: CER added by a conversion"] is True
    assert met["across corpora: closure"] is True
    assert met["across corpora: EER, 50 % is perfect"] is False
    assert met["across corpora: DNSMOS drop"] is False
    assert rows[0].on == "across corpora, 1 pairs; Whisper base"
    assert all(row.met is None for row in curve.rows("x", curve.evaluate([outcome("b", 0.15, 0.7)]), False, "base"))


def test_a_setting_cannot_be_called_the_shipped_one(unchanged) -> None:
    with pytest.raises(ValueError, match="another name"):
        curve.curve(unchanged, [], {SHIPPED: {}})


def test_settings_are_read_from_text() -> None:
    assert settings(["a=1, b=.5", "c=2"]) == {"a=1, b=.5": {"a": 1.0, "b": 0.5}, "c=2": {"c": 2.0}}
    with pytest.raises(VoiceVAEError, match="NAME=NUMBER"):
        settings(["a"])
