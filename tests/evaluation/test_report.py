import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicevae.errors import CorpusError
from voicevae.evaluation import report

PAIRS = 8


def values(content: dict) -> dict[str, float | None]:
    return {row["figure"]: row["value"] for row in content["rows"]}


@pytest.fixture(scope="module", autouse=True)
def quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "QUICK_EDITED_CLIPS", 2)
        yield


@pytest.fixture(scope="module")
def written(quickly: None, unchanged, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """What the report on a voice that changes nothing holds, and its folder."""
    out = tmp_path_factory.mktemp("report") / "out"
    return report.evaluate(unchanged, corpus, "dev", out, True, PAIRS, 3), out


def test_the_report_says_what_was_measured(unchanged, written: tuple[dict, Path]) -> None:
    about = written[0]["about"]
    assert about["bundle"] == unchanged.checksum
    assert about["pairs"] == {"set": PAIRS}
    assert about["seed"] == 3
    assert about["packages"]["torch"].startswith("2.")


def test_json_and_markdown_hold_the_same_rows_and_plots_are_there(written: tuple[dict, Path]) -> None:
    content, out = written
    text = (out / "report.md").read_text()
    assert json.loads((out / "report.json").read_text()) == content
    assert all(row["figure"] in text for row in content["rows"])
    for name in ("similarity.png", "strips.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
        assert name in text


def test_an_unchanged_source_closes_nothing(written: tuple[dict, Path]) -> None:
    found = values(written[0])
    assert found["set: closure"] == pytest.approx(0, abs=1e-6)
    assert found["set: mean log-F0 within 2 semitones of the target's"] == 0


def test_memory_is_absent_for_a_voice_of_no_bundle(written: tuple[dict, Path]) -> None:
    assert values(written[0])["peak memory, 30 minutes over 10 s"] is None


def test_the_target_itself_closes_everything(target, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = values(report.evaluate(target, corpus, "dev", None, True, PAIRS))
    assert "set: closure" in capsys.readouterr().out
    assert found["set: closure"] == pytest.approx(1, abs=0.25)
    assert found["set: mean log-F0 within 2 semitones of the target's"] == 100


def test_a_missing_package_makes_rows_absent_and_is_named(
    unchanged, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ImportError("No module named 'resemblyzer'", name="resemblyzer")

    monkeypatch.setattr(report, "Judge", missing)
    rows = {row["figure"]: row for row in report.evaluate(unchanged, corpus, "dev", None, True, PAIRS)["rows"]}
    assert rows["set: closure"]["value"] is None and rows["set: closure"]["met"] is None
    assert "resemblyzer" in rows["set: closure"]["beside"]
    assert rows["set: mean log-F0 within 2 semitones of the target's"]["value"] == 0


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
    scores = [originals.scores(pair, pair.source.load(16000)) for pair in pairs.draw_pairs(clips, 40, 0)]
    found = similarity.evaluate([score for score in scores if score])
    assert found["floor"] == pytest.approx(0.53, abs=0.03)
    assert found["ceiling"] == pytest.approx(0.81, abs=0.03)
    assert found["closure"] == pytest.approx(0, abs=1e-6)
