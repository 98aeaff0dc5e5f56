"""The table of what changes of the recipe buy."""

import json
from pathlib import Path
from typing import Any

import pytest
from lhotse import CutSet

from tests.training.experiment import as_yaml, prepared
from voicevae.recipes import ablate

pytestmark = pytest.mark.filterwarnings("ignore")


def call(*args: object) -> None:
    ablate.main([*map(str, args)])


def rows_file(tmp_path: Path, **rows: Any) -> Path:
    recipe = json.loads(as_yaml(tmp_path / "tiny.yaml").read_text())
    common = {key: recipe[key] for key in ("features", "model")}
    common |= {"vae_training": recipe["vocoder_training"], "vae_frames": 32, "vae_reference_frames": 32}
    path = tmp_path / "rows.yaml"
    path.write_text(json.dumps({"config": common, "rows": rows}))
    return path


def test_each_row_is_trained_once_with_what_differs_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(tmp_path / "exp")
    path = rows_file(tmp_path, plain=None, less={"share": 0.67, "elbo": {"beta_content": 9.0}})
    args = ("--exp", tmp_path / "exp", "--rows", path, "--stage", "train")
    call(*args)
    out = tmp_path / "exp" / "ablation"
    said = {name: json.loads((out / name / "vae" / "run.json").read_text())["config"] for name in ("plain", "less")}
    assert said["less"]["elbo"]["beta_content"] == 9.0 != said["plain"]["elbo"]["beta_content"]
    assert said["less"]["features"] == said["plain"]["features"]
    assert [len(CutSet.from_file(out / name / "data" / "cuts_train.jsonl.gz").to_eager()) for name in said] == [3, 2]
    times = {name: (out / name / "vae" / "last.ckpt").stat().st_mtime_ns for name in said}
    call(*args)
    assert times == {name: (out / name / "vae" / "last.ckpt").stat().st_mtime_ns for name in said}


def test_a_table_compares_pair_by_pair() -> None:
    point = {"cer_added": 0.05, "closure": 0.5, "secs": 0.61, "eer": 12.5, "mos_drop": None, "burst": 0.0}
    pairs = {f"{i} r": {"target": f"s{i % 4}", "cer": 0.1, "secs": 0.5 + 0.01 * i} for i in range(8)}
    first = {"point": point, "probes": {"unseen speaker from z_c, fresh network": 66.7}, "pairs": pairs}
    other = dict(first, pairs={name: dict(one, cer=0.2, secs=one["secs"] + 0.02) for name, one in pairs.items()})
    read = [
        [cell.strip() for cell in line.split("|")]
        for line in ablate.table({"plain": first, "better": other}).splitlines()
    ]
    assert read[0][1:4] == ["row", "CER added", "closure"]
    assert read[2][1:] == ["plain", "0.050", "0.500", "0.610", "12.5", "", "0.000", "67", "absent", "", "", ""]
    assert read[3][-3:] == ["+0.100 (+0.100 to +0.100)", "+0.020 (+0.020 to +0.020)", ""]


@pytest.mark.parametrize("text", ["rows: 3", "rows: {a/b: {}}", "config: {}", "[", "rows: {a: {elbo: {none: 1}}}"])
def test_rows_that_are_none_are_one_sentence(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(tmp_path / "exp")
    (tmp_path / "rows.yaml").write_text(text)
    with pytest.raises(SystemExit) as exited:
        call("--exp", tmp_path / "exp", "--rows", tmp_path / "rows.yaml")
    said = capsys.readouterr().err.strip()
    assert exited.value.code == 2 and len(said.splitlines()) == 1 and ".yaml" in said
