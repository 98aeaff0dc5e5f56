"""Two processes that share a batch train as one with the whole batch does, and none outlives another."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.training import devices_session
from tests.training.devices_session import KINDS, PLAN, gradient, train
from tests.training.experiment import as_yaml, prepared
from voicevae.training.run import fit
from voicevae.training.settings import TrainingError
from voicevae.training.stages import train_vae, train_vocoder

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).parents[2]
PATIENCE_S = 600.0  # with a machine that has much else to do


@dataclass
class Session:
    """Two processes, in a training that goes on; stderr: what both say."""

    exp: Path
    process: subprocess.Popen[bytes]
    stderr: Path

    def wait(self, path: Path) -> Path:
        """`path`, as soon as it is there."""
        end = time.monotonic() + PATIENCE_S
        while not path.exists():
            assert self.process.poll() is None and time.monotonic() < end, self.stderr.read_text()
            time.sleep(0.05)
        return path


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    exp = tmp_path_factory.mktemp("devices") / "exp"
    prepared(exp)
    found = exp / "found"
    train(exp, found / "by_one")
    (found / "one_then_two").mkdir()
    (found / "by_one" / "middle.ckpt").rename(found / "one_then_two" / "last.ckpt")
    config = as_yaml(exp / "tiny.yaml", vae_training=100_000)
    config.write_text(json.dumps(json.loads(config.read_text()) | {"vae_frames": 32, "vae_reference_frames": 32}))
    command = [sys.executable, "-m", devices_session.__name__, "--exp", exp, "--config", config, "--devices", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with open(exp / "stderr", "wb") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr, env=environment, cwd=ROOT)
    made = Session(exp, process, exp / "stderr")
    yield made
    process.kill()
    process.wait()


@pytest.mark.slow
def test_gradients_are_those_of_one_process_with_the_joint_batch(session: Session) -> None:
    """Of the VAE and of the vocoder's stages, where the halves of the batch differ in what losses are divided by."""
    session.wait(session.exp / "found" / "poisoned_1.txt")
    both = [torch.load(session.exp / "found" / f"gradients_{rank}.pt") for rank in (0, 1)]
    for kind in KINDS:
        whole = gradient(session.exp, kind)
        assert distance(whole, both[0][kind]) < 1e-5, kind
        assert distance(both[1][kind], both[0][kind]) == 0.0, kind


@pytest.mark.slow
def test_a_training_goes_on_with_more_or_fewer_processes(session: Session) -> None:
    """From step 2 of one process by two, and the reverse, to the weights of a run that was not interrupted."""
    found = session.exp / "found"
    session.wait(found / "gradients_0.pt")  # which come next
    (found / "two_then_one").mkdir()
    (found / "by_two" / "middle.ckpt").rename(found / "two_then_one" / "last.ckpt")
    train(session.exp, found / "two_then_one", resume=True)
    whole, begun = saved(found / "by_one"), devices_session.made(session.exp, "vae")[0].state_dict()
    moved = distance(whole["current_model_state"], begun)
    for name in ("by_two", "one_then_two", "two_then_one"):
        other = saved(found / name)
        assert other["global_step"] == whole["global_step"] == PLAN.max_steps
        for part in ("current_model_state", "state_dict"):  # the weights, and their average
            assert distance(whole[part], other[part]) < 1e-3 * moved, (name, part)


@pytest.mark.slow
def test_what_is_not_finite_on_one_rank_ends_all_with_one_sentence(session: Session) -> None:
    folder = session.exp / "found"
    said = [session.wait(folder / f"poisoned_{rank}.txt").read_text() for rank in (0, 1)]
    assert said[0].startswith("TrainingError: The loss is not finite at step 1; the batch is in ")
    assert "bad_batch_step1_rank*.safetensors" in said[0] and said[1] == "SystemExit: "
    assert len(list((folder / "poisoned").glob("bad_batch_step1_rank?.safetensors"))) == 2


@pytest.mark.slow
def test_a_killed_process_ends_all_with_one_sentence_and_a_whole_checkpoint(session: Session) -> None:
    last = session.wait(session.exp / "vae" / "last.ckpt")
    pid = int(session.wait(session.exp / "found" / "pid_1").read_text())
    os.kill(pid, signal.SIGKILL)
    assert session.process.wait(PATIENCE_S) == 2
    text = session.stderr.read_text()
    sentence = "process 1 was killed by signal 9, so all have ended; go on from the last checkpoint with --resume."
    assert text.count("so all have ended") == 1 and sentence in text and "Traceback" not in text
    assert torch.load(last, weights_only=True)["global_step"] > 0


def test_a_batch_that_does_not_divide_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    prepared(tmp_path / "exp")
    config = as_yaml(tmp_path / "tiny.yaml", vae_training=1)
    for stage in (train_vae, train_vocoder):
        with pytest.raises(TrainingError, match="batch_size 2 does not divide by 3 devices; give a multiple of 3"):
            stage(tmp_path / "exp", config, False, 3)
    assert [path.name for path in (tmp_path / "exp").iterdir()] == ["data"]


def test_processes_that_were_started_for_more_devices_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Any, points: Any
) -> None:
    """Each would train on its own, into the same folder."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainingError, match="2 processes have been started, .* for 1 devices"):
        fit(line(), points(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def saved(folder: Path) -> dict[str, Any]:
    return torch.load(folder / "last.ckpt", weights_only=True)


def distance(one: dict[str, Tensor], two: dict[str, Tensor]) -> float:
    """Norm of the difference, over the norm."""
    assert one.keys() == two.keys()
    norm = torch.stack([value.norm() for value in one.values()]).norm()
    return float(torch.stack([(value - two[name]).norm() for name, value in one.items()]).norm() / norm)
