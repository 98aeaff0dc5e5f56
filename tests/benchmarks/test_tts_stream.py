"""The benchmark of streams finds no difference where there is none, counts waiting, and says what it cannot use."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import tts_stream
from voicevae import load
from voicevae.tts import Modulator
from voicevae.tts.stream import LATENCY_S


def test_a_stream_of_one_phrase_is_the_whole(vowel: Callable[..., np.ndarray], small_bundle: Path) -> None:
    row = tts_stream.measure(Modulator(bundle=small_bundle), vowel(150.0, 0.8), False)
    assert row.cents < 1 and row.wide == 0 and row.mel < 0.05 and row.level < 0.05 and row.samples == 0
    assert row.longest == pytest.approx(0.8, abs=0.01)  # the first sample waits for the last
    assert row.waits == pytest.approx(0.4, abs=0.01) and row.longest < LATENCY_S


def test_differences_are_those_that_there_are(vowel: Callable[..., np.ndarray], small_bundle: Path) -> None:
    vv, wave = load(small_bundle), vowel(150.0, 0.8)
    assert tts_stream.differences(vv, wave, wave) == (0, 0, 0, 0)
    cents, wide, mel, level = tts_stream.differences(vv, wave, 2 * wave)
    assert cents < 1 and wide == 0 and mel < 0.01 and level == pytest.approx(6.02, abs=0.05)


def test_a_row_a_request(vowel: Callable[..., np.ndarray], small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tts_stream, "measure", lambda mod, wave, known: tts_stream.Row(1, 0.25, 0.1, 0.2, 2, 5, 0.1, 0.05, 0)
    )
    rows = tts_stream.table(load(small_bundle), [vowel(150.0, 0.8)]).splitlines()
    assert rows[2] == "| nothing | 1.0 | 25.0 % | 0.10 | 0.20 | 2.0 | 5.0 | 0.100 | 0.050 |"
    assert {row.count("|") for row in rows[:-2]} == {10} and len(rows) == 2 + len(tts_stream.REQUESTS) + 3
    assert "differ by 0 samples" in rows[-1]


def test_a_missing_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tts_stream.main(["--corpus", str(tmp_path / "nowhere")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "nowhere is not a folder" in err
