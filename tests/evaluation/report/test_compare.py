import json
from pathlib import Path

import pytest

from voicevae.cli import main
from voicevae.errors import VoiceVAEError
from voicevae.evaluation.report import compare


def row(figure: str, value: float | None, better: str = "higher", span: list[float] | None = None) -> dict:
    return {"figure": figure, "value": value, "unit": "", "interval": span, "better": better}


def report(*rows: dict, **about: object) -> dict:
    return {"about": {"corpus": "c", "seed": 0} | about, "rows": list(rows)}


def only(a: dict, b: dict) -> compare.Difference:
    (found,) = compare.differences(report(a), report(b))
    return found


@pytest.mark.parametrize(
    ("a", "b", "way", "better"),
    [
        (0.4, 0.6, "higher", "B"),
        (0.6, 0.4, "higher", "A"),
        (0.4, 0.6, "lower", "A"),
        (0.6, 0.4, "lower", "B"),
        (0.5, 0.5, "lower", "equal"),
        (0.4, 0.6, "", ""),
        (None, 0.6, "higher", ""),
    ],
)
def test_the_better_one_is_named(a: float | None, b: float, way: str, better: str) -> None:
    assert only(row("x", a, way), row("x", b, way)).better == better


def test_swapping_them_changes_the_sign_and_the_name() -> None:
    first, second = row("x", 0.25, span=[0.2, 0.3]), row("x", 0.75, span=[0.7, 0.8])
    there, back = only(first, second), only(second, first)
    assert (there.difference, back.difference) == (0.5, -0.5)
    assert (there.better, back.better) == ("B", "A")
    assert there.sure and back.sure


def test_intervals_that_overlap_are_not_sure_and_none_say_nothing() -> None:
    assert only(row("x", 0.4, span=[0.3, 0.55]), row("x", 0.6, span=[0.5, 0.7])).sure is False
    assert only(row("x", 0.4), row("x", 0.6, span=[0.5, 0.7])).sure is None


def test_rows_of_either_are_kept() -> None:
    found = compare.differences(report(row("x", 1.0), row("y", 1.0)), report(row("y", 2.0), row("z", 3.0)))
    assert [(d.figure, d.a, d.b) for d in found] == [("x", 1.0, None), ("y", 1.0, 2.0), ("z", None, 3.0)]


def test_unlike_measurements_are_said_to_be() -> None:
    assert compare.unlike(report(), report()) == []
    (sentence,) = compare.unlike(report(), report(seed=1))
    assert "seed: 0 against 1" in sentence


def test_a_report_against_itself_is_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report(row("closure", 0.5), row("rate", 3.0, ""))))
    assert main(["compare", str(tmp_path), str(tmp_path / "report.json"), "--out-dir", str(tmp_path / "out")]) == 0
    content = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert [(r["difference"], r["better"]) for r in content["rows"]] == [(0, "equal"), (0, "")]
    said = capsys.readouterr().out
    assert "closure" in said and said in (tmp_path / "out" / "compare.md").read_text()


def test_bundles_are_measured_first(small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicevae.evaluation.report import runner as reports

    measured: list[Path | None] = []

    def evaluate(vv: object, plan: object, out_dir: Path | None) -> dict:
        measured.append(out_dir)
        return report(row("closure", float(len(measured))))

    monkeypatch.setattr(reports, "evaluate", evaluate)
    options = ["--corpus", str(tmp_path), "--out-dir", str(tmp_path / "out")]
    assert main(["compare", str(small_bundle), str(small_bundle), *options]) == 0
    assert measured == [tmp_path / "out" / "A", tmp_path / "out" / "B"]
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["rows"][0]["better"] == "B"


def test_what_cannot_be_compared_is_one_sentence(
    small_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(small_bundle), str(small_bundle)]) == 2
    assert "--corpus" in capsys.readouterr().err
    for name, text in (("broken", "{"), ("other", "[]"), ("old", '{"about": {}, "rows": [{"figure": "x"}]}')):
        (tmp_path / name).write_text(text)
        with pytest.raises(VoiceVAEError, match="report|evaluate"):
            compare.read(tmp_path / name)
    with pytest.raises(VoiceVAEError, match="neither"):
        compare.read(tmp_path / "nowhere")
