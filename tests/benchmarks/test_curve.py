"""One row a bundle, in the order given, and one sentence for what cannot be used."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from benchmarks.curve import main
from voicevae import bundle
from voicevae.evaluation.metrics import quality


@pytest.fixture
def corpus(tmp_path: Path, vowel: Callable[..., np.ndarray]) -> Path:
    pytest.importorskip("lhotse")
    (tmp_path / "vowels").mkdir()
    lines = ["utt_id,speaker,path,split"]
    for name, split in (("a", "dev"), ("b", "train")):
        sf.write(tmp_path / "vowels" / f"{name}.wav", vowel(150.0, 1.0), 16000)
        lines.append(f"{name},{name},{name}.wav,{split}")
    (tmp_path / "vowels" / "metadata.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "vowels"


def test_each_bundle_is_a_row(
    corpus: Path, small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pesq")
    monkeypatch.setattr(quality, "missing", lambda: {"dnsmos": "speechmos is left out"})
    parts = bundle.load(small_bundle)
    for name, steps in (("early", 10), ("late", 2000)):
        parts.training["steps"] = {"vae": 1, "vocoder": steps}
        bundle.save(parts, tmp_path / name)
    out = tmp_path / "curve.md"
    bundles = [str(tmp_path / "late"), str(tmp_path / "early")]
    assert main([*bundles, "--corpus", str(corpus), "--jobs", "1", "--out", str(out)]) == 0
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.read_text().splitlines()[-2:]]
    assert [row[:2] for row in rows] == [["late", "2,000"], ["early", "10"]]
    assert rows[0][2:] == rows[1][2:]  # the same weights
    assert 1 <= float(rows[0][2]) <= 4.65


def test_what_cannot_be_used_is_one_sentence(
    corpus: Path, small_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "curve.md"
    assert main([str(tmp_path / "none"), "--corpus", str(corpus), "--out", str(out)]) == 2
    assert main([str(small_bundle), "--corpus", str(corpus), "--split", "test", "--out", str(out)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and "none" in said[0] and "'test'" in said[1]
    assert not out.exists()
