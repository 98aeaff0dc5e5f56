"""A protocol's figures are what the definitions say, of voices that do a known thing; it works in miniature."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.data.miniatures import BUILD, Miniature
from voicevae.cli import evaluate, main
from voicevae.errors import CorpusError
from voicevae.evaluation.metrics.recognition import Errors
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import protocol_report, trials
from voicevae.evaluation.report.protocols import LIBRISPEECH, VCC2020
from voicevae.evaluation.report.trials import TrialOutcome


class Named:
    """A voice whose recordings are told apart by their level alone; conversion gives source or target."""

    sample_rate, checksum = 16000, "0123456789ab"

    def __init__(self, perfect: bool) -> None:
        self.perfect = perfect

    def speaker(self, wave: np.ndarray, sample_rate: int) -> Any:
        return SimpleNamespace(wave=wave)

    def convert(self, wave: np.ndarray, sample_rate: int, voice: Any) -> np.ndarray:
        return np.resize(voice.wave, len(wave)) if self.perfect else wave


class Ears:
    """Hears the same in everything."""

    name = "small"

    def __init__(self, words: str) -> None:
        self.words = words

    def transcribe(self, wave: np.ndarray, sample_rate: int, language: str = "") -> str:
        return self.words


class Spectrum:
    """Judges by the mean magnitude spectrum: the miniatures' two voices have their own pitch."""

    def embed(self, wave: np.ndarray, sample_rate: int) -> np.ndarray:
        frames = np.lib.stride_tricks.sliding_window_view(wave, 512)[::256]
        return np.abs(np.fft.rfft(frames * np.hanning(512))).mean(0)


def outcome(target: str, genuine: float, impostor: float, wrong: int = 0) -> TrialOutcome:
    return TrialOutcome(target, Errors(wrong, 4, 2 * wrong, 20), Errors(0, 4, 1, 20), (genuine, impostor), None)


def test_figures_are_pooled_percentages() -> None:
    found = trials.evaluate([outcome("a", 0.9, 0.1, 1), outcome("a", 0.8, 0.2), outcome("b", 0.7, 0.3, 2)])
    assert found["wer"] == pytest.approx(100 * 3 / 12) and found["cer"] == pytest.approx(100 * 6 / 60)
    assert found["wer_source"] == 0 and found["cer_source"] == pytest.approx(5)
    assert found["eer"] == 0 and found["mcd"] is None  # every real pair is closer than every converted one
    assert (found["conversions"], found["transcribed"], found["targets"]) == (3, 3, 2)


def test_a_perfect_conversion_has_an_eer_of_fifty() -> None:
    scores = np.linspace(0.5, 0.9, 40)
    found = trials.evaluate([outcome("ab"[i % 2], scores[i], scores[i]) for i in range(40)])
    assert found["eer"] == pytest.approx(50, abs=2)


def test_what_was_not_measured_is_none_and_absent(tmp_path: Path) -> None:
    found = trials.evaluate([TrialOutcome("a", None, None, None, 6.0), TrialOutcome("b", None, None, None, 8.0)])
    assert found["wer"] is None and found["eer"] is None and found["mcd"] == 7
    rows = protocol_report.rows("x", found, "", "jiwer is not installed")
    assert [row.value for row in rows] == [None, None, None, 7]
    assert "jiwer" in rows[0].beside and "resemblyzer" in rows[2].beside


@pytest.fixture
def test_clean(tmp_path: Path) -> Path:
    """LibriSpeech's test-clean in its own layout: two speakers of two utterances with transcripts."""
    made = Miniature(tmp_path / "LibriSpeech")
    for speaker in ("61", "121"):
        names = [f"{speaker}-1-{i:04}" for i in range(2)]
        for name in names:
            made.sound(f"test-clean/{speaker}/1/{name}.flac", man=speaker == "61")
        made.text(f"test-clean/{speaker}/1/{speaker}-1.trans.txt", *(f"{name} GLUE THE SHEET" for name in names))
    made.text("SPEAKERS.TXT", "61 | M | test-clean | 8 | A", "121 | F | test-clean | 8 | B")
    return tmp_path / "LibriSpeech"


@pytest.fixture
def transcribed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_report, "speaker_encoder", Spectrum)
    monkeypatch.setattr(protocol_report, "load_recogniser", lambda plan: Ears("glue a sheet"))


@pytest.mark.usefixtures("transcribed")
def test_librispeech_in_miniature(test_clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = protocol_report.evaluate(Named(True), "librispeech", Plan(test_clean), tmp_path / "out")
    found = {row["figure"]: row for row in content["rows"]}
    task = "LibriSpeech test-clean"
    assert content["about"]["conversions"] == {task: 4}
    assert found[f"{task}: WER"]["value"] == pytest.approx(100 / 3)  # one word of three
    assert found[f"{task}: CER"]["value"] == pytest.approx(100 * 3 / 14)
    assert "Whisper base, not small" in found[f"{task}: WER"]["beside"]
    assert found[f"{task}: EER, 50 % is perfect"]["value"] == pytest.approx(50, abs=1)
    assert "4 conversions, 2 targets, not all of the paper's 7800" in found[f"{task}: EER, 50 % is perfect"]["beside"]
    for system in LIBRISPEECH:
        assert found[f"{system.system}: WER"]["value"] == system.wer
        assert found[f"{system.system}: EER, 50 % is perfect"]["value"] == system.eer
        assert found[f"{system.system}: CER"]["beside"].startswith(f"{system.cer}, published")
    text = (tmp_path / "out" / "report.md").read_text()
    assert "kNN-VC: WER" in text and "five utterances" in text.lower()
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == content
    assert task in capsys.readouterr().out
    unchanged = protocol_report.evaluate(Named(False), "librispeech", Plan(test_clean))
    (row,) = [row for row in unchanged["rows"] if row["figure"] == f"{task}: EER, 50 % is perfect"]
    assert row["value"] == 0  # a source that stayed is told from the target every time


@pytest.mark.usefixtures("transcribed")
def test_the_challenge_in_miniature(tmp_path: Path) -> None:
    BUILD["vcc2020"](Miniature(tmp_path / "vcc"), 2)
    content = protocol_report.evaluate(Named(False), "vcc2020", Plan(tmp_path / "vcc", quick=True))
    found = {row["figure"]: row for row in content["rows"]}
    assert set(content["about"]["conversions"]) == {"VCC 2020, task 1", "VCC 2020, task 2"}
    assert all(found[f"VCC 2020, task {task}: MCD"]["value"] >= 0 for task in (1, 2))
    assert "not all of the paper's 400" in found["VCC 2020, task 1: EER, 50 % is perfect"]["beside"]
    for one in VCC2020:
        assert found[f"{one.system}, task {one.task}: naturalness, 1 to 5"]["value"] == one.naturalness
        similarity = found[f"{one.system}, task {one.task}: similarity"]
        assert similarity["value"] == one.similarity and "listening test" in similarity["beside"]


@pytest.mark.usefixtures("transcribed")
def test_a_corpus_without_what_it_needs_is_one_sentence(test_clean: Path, tmp_path: Path) -> None:
    (test_clean / "test-clean").rename(test_clean / "dev-clean")
    with pytest.raises(CorpusError, match="no test-clean in the corpus; unpack it"):
        protocol_report.evaluate(Named(True), "librispeech", Plan(test_clean))


def test_the_command_line_hands_it_on(
    test_clean: Path, small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(protocol_report, "evaluate", lambda *args: asked.append(args))
    command = ["evaluate", str(small_bundle), "--corpus", str(test_clean), "--out-dir", str(tmp_path / "out")]
    assert main([*command, "--protocol", "librispeech", "--quick"]) == 0
    _, protocol, plan, out = asked[0]
    assert (protocol, plan.corpus, plan.quick, out) == ("librispeech", test_clean, True, tmp_path / "out")
    parser = argparse.ArgumentParser()
    evaluate.add_options(parser)
    (choices,) = [action.choices for action in parser._actions if "--protocol" in action.option_strings]
    assert set(choices) == set(protocol_report.PROTOCOLS)
