import json
from pathlib import Path

import pytest

from voicevae.errors import CorpusError
from voicevae.training.config import RecipeConfig
from voicevae.training.stages import record, run


def test_an_error_that_a_user_can_mend_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    def stage() -> None:
        raise CorpusError("There is nothing here; give a folder of recordings.")

    with pytest.raises(SystemExit) as exited:
        run(stage)
    assert exited.value.code == 2
    assert capsys.readouterr().err == "There is nothing here; give a folder of recordings.\n"


def test_an_error_of_ours_is_not_hidden() -> None:
    def stage() -> None:
        raise IndexError("a fault")

    with pytest.raises(IndexError):
        run(stage)


def test_a_run_is_recorded(tmp_path: Path) -> None:
    record(tmp_path / "vae", RecipeConfig(vae_frames=77), {"speakers": ["ann"]})
    said = json.loads((tmp_path / "vae" / "run.json").read_text())
    assert said["config"]["vae_frames"] == 77 and said["speakers"] == ["ann"]
    assert said["config"]["features"]["sample_rate"] == 16000 and {"torch", "numpy"} <= set(said["packages"])
