"""The benchmark of the live F0 tracker counts what there is, and says what it cannot use."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import f0
from voicevae.evaluation.metrics.pitch import Track
from voicevae.features import FeatureConfig
from voicevae.features.live_f0 import LiveF0


def cents(value: float) -> float:
    return value * np.log(2) / 1200


def test_errors_are_those_that_there_are() -> None:
    log_f0, voiced = np.full(100, 5.0), np.arange(100) < 80
    right = Track(log_f0, voiced)
    assert f0.errors([(right, right)]) == (0, 0, 0, 1)
    found = Track(log_f0 + cents(10), np.arange(100) < 90)
    found.log_f0[:8] += cents(60)  # over 50
    found.log_f0[:4] += cents(300)  # over 20 % too
    found.log_f0[95:] += 9  # where neither calls it voiced
    row = f0.errors([(right, found)])
    assert row.cents == pytest.approx(10) and row.agreement == pytest.approx(0.9)
    assert row.gross == 4 / 80 and row.wide == 8 / 80
    pooled = f0.errors([(right, found), (Track(log_f0[:20], voiced[:20]), Track(log_f0[:20], voiced[:20]))])
    assert pooled.gross == 4 / 100 and pooled.agreement == pytest.approx(110 / 120)


def test_noise_has_the_ratio_asked_for() -> None:
    wave = np.sin(np.arange(16000) * 0.05).astype(np.float32)
    added = f0.with_noise(wave, 10.0, np.random.default_rng(0)) - wave
    assert 10 * np.log10(np.mean(wave**2) / np.mean(added**2)) == pytest.approx(10, abs=0.1)


def test_a_row_a_condition_and_what_a_frame_costs() -> None:
    time = np.arange(8000) / 16000
    wave = sum(0.05 * np.sin(2 * np.pi * 140 * h * time + h * h) for h in range(1, 20)).astype(np.float32)
    lines = f0.table(LiveF0(FeatureConfig()), iter([wave]), 0).splitlines()
    assert {line.count("|") for line in lines[:4]} == {6} and len(lines) == 6
    assert lines[2].startswith("| as recorded |") and "ms of CPU time a frame" in lines[5]


def test_a_missing_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f0.main(["--corpus", str(tmp_path / "nowhere")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "nowhere" in err
