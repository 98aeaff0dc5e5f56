"""The command that teaches the content: what it says where something is missing."""

from pathlib import Path

import pytest

from voicevae.recipes import teach


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints when it ends with 2."""
    with pytest.raises(SystemExit) as ended:
        teach.main(words)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_without_a_teacher(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOICEVAE_WHISPER", raising=False)
    assert "There is no teacher" in said(capsys, "--exp", str(tmp_path))


def test_a_teacher_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("faster_whisper")
    assert "no recogniser 'nobody'" in said(capsys, "--exp", str(tmp_path), "--recogniser", "nobody")
