"""`voicevae info` describes a bundle."""

from pathlib import Path

import pytest

from voicevae import bundle
from voicevae.cli import main


def test_info_says_what_is_in_a_bundle(small_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = bundle.load(small_bundle)
    parts.speakers, parts.card = ["anna", "bert"], "# Made for a test"
    bundle.save(parts, tmp_path / "known")
    assert main(["info", str(tmp_path / "known")]) == 0
    said = capsys.readouterr().out
    for fact in ("16,000 Hz", "80 mel bands", "20 times a second", "2 known", "# Made for a test"):
        assert fact in said
    assert main(["info", str(tmp_path / "known"), "--speakers"]) == 0
    assert capsys.readouterr().out == "anna\nbert\n"
