import json
from pathlib import Path

import pytest

from voicevae.errors import CorpusError
from voicevae.evaluation import report

PAIRS = 8


def values(content: dict) -> dict[str, float | None]:
    return {row["figure"]: row["value"] for row in content["rows"]}


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "QUICK_EDITED_CLIPS", 2)


def test_the_report_is_written_as_json_and_markdown_with_plots(
    quickly: None, unchanged, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = report.evaluate(unchanged, corpus, "dev", tmp_path / "out", True, PAIRS, 3)
    text = (tmp_path / "out" / "report.md").read_text()
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == content
    assert content["about"]["bundle"] == unchanged.checksum
    assert content["about"]["pairs"] == {"set": PAIRS}
    assert content["about"]["seed"] == 3
    assert content["about"]["packages"]["torch"].startswith("2.")
    assert all(row["figure"] in text for row in content["rows"])
    assert "set: closure" in capsys.readouterr().out
    for name in ("similarity.png", "strips.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")
        assert name in text


def test_an_unchanged_source_closes_nothing(quickly: None, unchanged, corpus: Path) -> None:
    found = values(report.evaluate(unchanged, corpus, "dev", None, True, PAIRS))
    assert found["set: closure"] == pytest.approx(0, abs=1e-6)
    assert found["set: log-F0 correlation with the source"] in (None, pytest.approx(1))
    assert found["set: mean log-F0 within 2 semitones of the target's"] == 0


def test_the_target_itself_closes_everything(quickly: None, target, corpus: Path) -> None:
    found = values(report.evaluate(target, corpus, "dev", None, True, PAIRS))
    assert found["set: closure"] == pytest.approx(1, abs=0.25)
    assert found["set: mean log-F0 within 2 semitones of the target's"] == 100


def test_a_missing_package_makes_rows_absent_and_is_named(
    quickly: None, unchanged, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ImportError("No module named 'resemblyzer'", name="resemblyzer")

    monkeypatch.setattr(report, "Judge", missing)
    rows = {row["figure"]: row for row in report.evaluate(unchanged, corpus, "dev", None, True, PAIRS)["rows"]}
    assert rows["set: closure"]["value"] is None and rows["set: closure"]["met"] is None
    assert "resemblyzer" in rows["set: closure"]["beside"]
    assert rows["set: mean log-F0 within 2 semitones of the target's"]["value"] == 0


def test_memory_is_absent_for_a_voice_of_no_bundle(quickly: None, unchanged, corpus: Path) -> None:
    assert (
        values(report.evaluate(unchanged, corpus, "dev", None, True, PAIRS))["peak memory, 30 minutes over 10 s"]
        is None
    )


@pytest.mark.parametrize(("split", "n_pairs"), [("nowhere", 8), ("dev", 0)])
def test_bad_requests_are_refused(unchanged, corpus: Path, split: str, n_pairs: int) -> None:
    with pytest.raises(CorpusError):
        report.evaluate(unchanged, corpus, split, None, True, n_pairs)


def test_floor_and_ceiling_of_real_recordings(unchanged, recordings: Path) -> None:
    """Prototypes measured .53 and .81 on forty pairs of these speakers."""
    from voicevae.evaluation import conversion, pairs, similarity
    from voicevae.evaluation.clips import by_corpus, read_clips, usable_clips

    clips = by_corpus(usable_clips(read_clips(recordings, "dev")))["speechocean762"]
    originals = conversion.Originals(unchanged, similarity.Judge())
    scores = [originals.scores(pair, pair.source.load(16000)) for pair in pairs.draw_pairs(clips, 60, 0)]
    found = similarity.evaluate([score for score in scores if score])
    assert found["floor"] == pytest.approx(0.53, abs=0.03)
    assert found["ceiling"] == pytest.approx(0.81, abs=0.03)
    assert found["closure"] == pytest.approx(0, abs=1e-6)
