"""Training from shards is training on the corpus: the same normalisation statistics, and exact where it goes on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training import experiment
from tests.training.test_record import recipe
from voicevae.data import shards
from voicevae.data.batches import FrameBank
from voicevae.data.prepare import load_cuts
from voicevae.data.sharded import ShardedBatches
from voicevae.errors import CorpusError
from voicevae.training import config, speech
from voicevae.training.export import VOCODER_STAGES
from voicevae.training.record import fingerprint
from voicevae.training.settings import TrainingError
from voicevae.training.stages import train_vae, train_vocoder

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    """An experiment with two shards."""
    cuts = experiment.prepared(tmp_path / "exp")
    shards.write(cuts, tmp_path / "exp" / "data" / "shards", shard_hours=0.8 / 3600)
    return tmp_path / "exp"


def weights(exp: Path) -> dict[str, Any]:
    return torch.load(exp / "vae" / "last.ckpt", weights_only=True)["state_dict"]


def test_units_are_those_of_the_corpus_in_memory(exp: Path, tmp_path: Path) -> None:
    told = config.load(recipe(tmp_path / "a.yaml"))
    one = speech.read(exp, told)
    batch = one.batches.batch(0)
    (exp / "data" / "shards").rename(exp / "data" / "elsewhere")
    two = speech.read(exp, told)
    assert isinstance(one.batches, ShardedBatches) and one.data["shards"] == 2
    assert one.speakers == two.speakers == ["ann", "bob"] and one.data["frames"] == two.data["frames"]
    for name, values in vars(two.normalisation).items():
        np.testing.assert_allclose(getattr(one.normalisation, name), values, rtol=1e-3, atol=1e-4)
        assert getattr(one.normalisation, name).dtype == values.dtype == np.float32
    assert batch.keys() == two.batches.batch(0).keys()


@pytest.mark.slow
def test_a_run_from_shards_that_was_stopped_goes_on_exactly(
    exp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe_file = recipe(tmp_path / "a.yaml")
    torch.manual_seed(0)
    train_vae(exp, recipe_file, False)
    whole, said = weights(exp), json.loads((exp / "vae" / "run.json").read_text())
    assert said["data"]["checksum"] == shards.read(exp / "data" / "shards")[0].checksum
    batch = ShardedBatches.batch

    def cut(self: ShardedBatches, step: int) -> Any:
        if step == 1:
            raise InterruptedError("the power is gone")
        return batch(self, step)

    torch.manual_seed(0)
    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(ShardedBatches, "batch", cut)
        train_vae(exp, recipe_file, False)
    train_vae(exp, recipe_file, True)
    assert all(torch.equal(value, weights(exp)[name]) for name, value in whole.items())


def test_hidden_labels_are_refused(exp: Path, tmp_path: Path) -> None:
    file = recipe(tmp_path / "a.yaml")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"hidden_labels": 0.5}))
    with pytest.raises(TrainingError, match="without shards only"):
        train_vae(exp, file, False)
    assert not (exp / "vae").exists()


def test_shards_of_another_corpus_are_refused(exp: Path, tmp_path: Path) -> None:
    said, file = exp / "data" / "report.json", recipe(tmp_path / "a.yaml")
    said.write_text(json.dumps({"checksum": "of another day"}))
    with pytest.raises(
        CorpusError, match="not of the corpus as it is prepared now; write it again with .*recipes.shard"
    ):
        train_vae(exp, file, False)
    assert not (exp / "vae").exists()
    shards.write(load_cuts(exp / "data", "train"), exp / "data" / "shards", corpus="of another day")
    assert isinstance(speech.read(exp, config.load(file)).batches, ShardedBatches)
    said.unlink()  # where only the shards were taken to
    assert isinstance(speech.read(exp, config.load(file)).batches, ShardedBatches)


def test_the_vocoder_trains_from_shards_in_all_its_stages(exp: Path, tmp_path: Path) -> None:
    folder, file = exp / "data" / "shards", experiment.as_yaml(tmp_path / "a.yaml")
    with pytest.raises(CorpusError, match="holds no recordings"):
        train_vocoder(exp, file, False)
    assert not (exp / "vocoder").exists()
    rate = experiment.CONFIG.features.sample_rate
    made = shards.write(load_cuts(exp / "data", "train"), folder, 0.8 / 3600, sample_rate=rate)
    experiment.leave_checkpoint(exp / "vae", experiment.untrained_vae())
    train_vocoder(exp, file, False)
    for name in VOCODER_STAGES:
        assert torch.load(exp / name / "last.ckpt", weights_only=True)["global_step"] == 2
        said = json.loads((exp / name / "run.json").read_text())["data"]
        assert (said["shards"], said["checksum"]) == (2, made.checksum)
    plan = config.load(file)
    one = speech.read_sound(exp, plan.features, plan.vocoder_training, plan.vocoder_frames)
    folder.rename(exp / "data" / "elsewhere")
    two = speech.read_sound(exp, plan.features, plan.vocoder_training, plan.vocoder_frames)
    np.testing.assert_allclose(one.mel_mean, two.mel_mean, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(one.mel_std, two.mel_std, rtol=1e-3)


def test_the_fingerprint_in_memory_is_that_of_the_bank(tmp_path: Path) -> None:
    cuts = experiment.prepared(tmp_path / "exp")
    assert speech.read(tmp_path / "exp", config.load(recipe(tmp_path / "a.yaml"))).data == fingerprint(FrameBank(cuts))
