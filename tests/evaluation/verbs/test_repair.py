"""Gaps and lines in closed form."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.evaluation.verbs import repair
from voicevae.evaluation.verbs.repair import Repaired
from voicevae.features import FeatureConfig

RATE = 16000
CONFIG = FeatureConfig()


def test_gaps_are_a_second_apart() -> None:
    found = repair.gaps(4 * RATE, 100, RATE)
    assert found == [(7200, 8800), (23200, 24800), (39200, 40800), (55200, 56800)]
    assert repair.gaps(RATE // 2, 40, RATE) == []


def test_lines_of_samples_restore_a_line() -> None:
    line = np.linspace(0, 1, 200, dtype=np.float32)
    broken = line.copy()
    broken[50:90] = 0
    np.testing.assert_allclose(repair.between_samples(broken, [(50, 90)]), line, atol=1e-6)


def test_the_mel_error_is_heard_in_the_gap_alone() -> None:
    mel = np.random.default_rng(0).normal(0, 1, (40, 80)).astype(np.float32)
    other = mel.copy()
    other[10:14] += 0.5
    spans = [(10 * CONFIG.hop_length, 13 * CONFIG.hop_length + 1)]
    assert repair.mel_error(mel, mel, spans, CONFIG) == 0
    assert repair.mel_error(mel, other, spans, CONFIG) == pytest.approx(0.5, abs=1e-6)
    assert repair.mel_error(mel, other, [(20 * CONFIG.hop_length, 24 * CONFIG.hop_length)], CONFIG) == 0
    deep = mel.copy()
    deep[10:14] = -1e3
    assert repair.mel_error(mel, deep, spans, CONFIG) < repair.RANGE
    with pytest.raises(ValueError, match="same shape"):
        repair.mel_error(mel, mel[1:], spans, CONFIG)


def one(gap_ms: int, repaired: float, pesq: bool = True, changed: int = 0) -> Repaired:
    errors = {"repaired": repaired, "samples": 2.0, "frames": 1.0}
    return Repaired(gap_ms, errors, {way: 4 - error for way, error in errors.items()} if pesq else {}, changed)


def test_ratios_and_rows() -> None:
    found = repair.evaluate([one(40, 0.4), one(40, 0.6, changed=2), one(100, 0.9, pesq=False)])
    assert found[40]["to_frames"] == pytest.approx(0.5) and found[40]["to_samples"] == pytest.approx(0.25)
    assert found[40]["pesq"]["repaired"] == pytest.approx(3.5) and found[100]["pesq"] is None
    rows = {row.figure: row for row in repair.rows(found)}
    assert rows["repair of 40 ms a second: mel error to that of lines of mel frames"].met is True
    assert rows["repair of 100 ms a second: mel error to that of lines of mel frames"].met is False
    assert rows["repair of 40 ms a second: PESQ-WB above lines"].value == pytest.approx(0.5)
    assert rows["repair of 100 ms a second: PESQ-WB above lines"].value is None
    assert rows["repair: samples changed outside the gaps"].met is False
    with pytest.raises(ValueError, match="at least one"):
        repair.evaluate([])


def test_a_steady_tone_is_repaired_better_than_by_lines_of_samples(small_bundle: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * 150 * k * time + k) / k for k in range(1, 20))
    wave = (0.1 * tone + np.random.default_rng(0).normal(0, 1e-3, len(time))).astype(np.float32)
    found = repair.measure(voicevae.load(small_bundle), wave, 40)
    assert found.changed == 0 and found.mel_error["repaired"] < 0.5 * found.mel_error["samples"]
