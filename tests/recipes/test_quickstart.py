"""The quickstart, with the shipped bundle: what it shows is what was asked for."""

from pathlib import Path

import pytest
import soundfile as sf

from egs.quickstart.quickstart import Outcome, main, quickstart


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quickstart") / "out"


@pytest.fixture(scope="module")
def outcomes(out: Path) -> list[Outcome]:
    return quickstart(out, plots=True)


def test_every_result_can_be_heard_and_seen(out: Path, outcomes: list[Outcome]) -> None:
    sounds = {path.stem for path in out.glob("*.wav")}
    assert sounds - {"source"} == {path.stem for path in out.glob("*.png")}
    assert len(sounds) == len(outcomes) + 1
    assert all(sf.info(path).duration > 2 for path in out.glob("*.wav"))


def test_pitch_and_duration_are_what_was_asked(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        edited = "voice" not in outcome.title
        assert outcome.shift_measured == pytest.approx(outcome.shift_asked, abs=15 if edited else 40), outcome.title
        assert outcome.duration_measured == pytest.approx(outcome.duration_asked, rel=0.02), outcome.title


def test_two_voices_an_intonation_and_a_voice_nobody_has(outcomes: list[Outcome]) -> None:
    asked = {o.title: round(o.shift_asked) for o in outcomes}
    assert asked["unedited"] == asked["pitch range x 1.5"] == 0 and asked["pitch +3, range x 1.5"] == 300
    assert len({shift for title, shift in asked.items() if "voice" in title}) == 3


def test_a_missing_bundle_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["quickstart.py", "--out-dir", str(tmp_path), "--bundle", str(tmp_path / "none")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
