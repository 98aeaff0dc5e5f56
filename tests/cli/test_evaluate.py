"""`voicevae evaluate` hands its options on, and names what is missing."""

from pathlib import Path
from typing import Any

import pytest

from voicevae.cli import main


def test_evaluate_hands_its_options_on(small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicevae.evaluation.plan import Plan
    from voicevae.evaluation.report import runner

    calls: list[Any] = []
    monkeypatch.setattr(runner, "evaluate", lambda *args: calls.append(args))
    options = f"--corpus {tmp_path} --split test --out-dir {tmp_path / 'new'} --quick --pairs 7 --seed 3 --baseline"
    assert main(["evaluate", str(small_bundle), *options.split()]) == 0
    wanted = Plan(tmp_path, "test", quick=True, pairs=7, seed=3, baseline=True)
    assert [args[1:] for args in calls] == [(wanted, tmp_path / "new")]


def test_evaluate_names_the_extra_that_is_missing(
    small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from voicevae.evaluation.report import runner

    def evaluate(*args: object) -> None:
        raise ModuleNotFoundError("No module named 'lhotse'", name="lhotse")

    monkeypatch.setattr(runner, "evaluate", evaluate)
    assert main(["evaluate", str(small_bundle), "--corpus", str(tmp_path), "--out-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err == 'voicevae: evaluate needs lhotse; pip install "voicevae[eval]" brings it.\n'
