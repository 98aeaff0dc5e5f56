from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from benchmarks import cost, peers
from benchmarks.vocoder import main
from voicevae.evaluation.metrics import quality
from voicevae.features import FeatureConfig


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, vowel: Callable[..., np.ndarray]) -> Path:
    """Two dev speakers and one to train on, of one vowel each."""
    folder = tmp_path_factory.mktemp("recordings") / "vowels"
    folder.mkdir()
    lines = ["utt_id,speaker,path,split"]
    for speaker, f0_hz, split in (("low", 120.0, "dev"), ("high", 200.0, "dev"), ("other", 160.0, "train")):
        sf.write(folder / f"{speaker}.wav", vowel(f0_hz, 1.0), 16000)
        lines.append(f"{speaker},{speaker},{speaker}.wav,{split}")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_the_table_is_printed_and_written(
    corpus: Path,
    small_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("lhotse")
    monkeypatch.setattr(peers, "NAMES", (peers.RECORDINGS, peers.OURS))
    monkeypatch.setattr(quality, "missing", lambda: {"dnsmos": "speechmos is left out"})
    monkeypatch.setattr(cost, "measure", lambda *_: cost.Cost(0.5, 40.0))
    out = tmp_path / "table.md"
    arguments = ["--corpus", str(corpus), "--bundle", str(small_bundle), "--clips", "2", "--jobs", "1"]
    assert main([*arguments, "--out", str(out)]) == 0
    text = out.read_text()
    assert text in capsys.readouterr().out
    assert "--corpus vowels --split dev --clips 2 --seed 0" in text and str(tmp_path) not in text
    assert "Absent: dnsmos: speechmos is left out." in text
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("|")}
    assert {peers.RECORDINGS, peers.OURS, "digital silence", "chords"} <= set(rows)
    assert [path.name for path in tmp_path.iterdir()] == ["table.md"]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux forgets a peak")
def test_time_and_memory_are_those_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = peers.Peer(lambda wave: wave, lambda wave, semitones: np.ones(12_500_000))  # 100 MB
    monkeypatch.setattr(peers, "load", lambda *_: peer)
    found = cost._measure(peers.OURS, None, 0.0, FeatureConfig(), None, 1)
    assert found.memory_mb == pytest.approx(100, abs=20)
    assert 0 < found.rtf < 0.1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--corpus", "{tmp}/nothing"], "nothing is not a folder"),
        (["--corpus", "{corpus}", "--split", "test"], "no split 'test'"),
        (["--corpus", "{corpus}", "--out", "{tmp}/no/table.md"], "no/table.md cannot be written"),
        (["--corpus", "{corpus}", "--bundle", "{tmp}"], "config.json is missing"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(
    arguments: list[str], reason: str, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lhotse")
    given = [text.format(tmp=tmp_path, corpus=corpus) for text in arguments]
    given += [] if "--out" in given else ["--out", str(tmp_path / "table.md")]
    assert main(given) == 2
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["0", "many", "-3"])
def test_a_bad_number_names_its_option(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--corpus", ".", f"--clips={value}"])
    assert end.value.code == 2
    assert "--clips" in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    assert "python -m benchmarks.vocoder --corpus recordings/" in capsys.readouterr().out
