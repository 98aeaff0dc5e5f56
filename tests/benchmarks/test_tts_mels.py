"""The benchmark of foreign mels measures nothing where nothing differs, and says what it cannot use."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import tts_mels
from voicevae.features import FeatureConfig, extract
from voicevae.features.mel_config import HIFIGAN


def test_a_given_f0_is_measured_as_given(vowel: Callable[..., np.ndarray]) -> None:
    wave = vowel(180.0, 0.8)
    mel, level, cents, wide, voicing = tts_mels.measure(wave, extract(wave, FeatureConfig()), HIFIGAN, "F0 given")
    assert cents < 5 and wide == 0 and voicing < 0.05
    assert 0 < mel < 1 and abs(level) < 2


def test_a_row_a_mel_and_a_way(vowel: Callable[..., np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tts_mels, "measure", lambda wave, wanted, config, way: (0.1, len(way), 3.0, 0.25, 0.5))
    rows = tts_mels.table([vowel(150.0, 0.4)]).splitlines()
    assert len(rows) == 2 + len(tts_mels.CONFIGS) * len(tts_mels.WAYS)
    assert rows[2] == "| HiFi-GAN | F0 given | 0.10 | +8.0 | 3.0 | 25.0 % | 50.0 % |"
    assert {row.count("|") for row in rows} == {8}


def test_a_missing_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tts_mels.main(["--corpus", str(tmp_path / "nowhere")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "nowhere is not a folder" in err
