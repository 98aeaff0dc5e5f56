"""A run that is killed at any moment goes on, and ends with the files of one that was not.

VOICEVAE_KILLS=10 kills each kind of run so many times, in place of once.
"""

import contextlib
import gzip
import os
import shutil
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import torch

from tests.hostile import killed
from tests.hostile.sounds import speech

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it is not said how long a process has worked"),
]
KILLS = int(os.environ.get("VOICEVAE_KILLS", 1))
RATE, FILES = 16000, 4
EARLIEST, LATEST = 0.05, 0.95  # of the processor time of a whole run
JOURNALS = {"report.json", "done.jsonl", ".done.jsonl", ".table.npz.done.jsonl"}  # say what this run did, in its order
LOGS = {"run.json", "watch.txt"}  # say when and where


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for i in range(FILES):
        path = folder / f"speaker{i % 2}" / f"{i}.wav"
        path.parent.mkdir(exist_ok=True)
        sf.write(path, speech(RATE // 2, RATE, np.random.default_rng(i)), RATE)
    return folder


def contents(out: Path) -> dict[str, Any]:
    """What a run left; of checkpoints, the weights and the state of the optimiser."""
    left = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name not in JOURNALS | LOGS and "tfevents" not in path.name:
            name = path.relative_to(out).as_posix()
            left[name] = _state(path) if path.suffix == ".ckpt" else _bytes(path)
    return left


def _bytes(path: Path) -> bytes:
    """Of a packed manifest what is in it: lhotse packs the time of writing, too."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _state(checkpoint: Path) -> bytes:
    """Weights, their average, and the optimiser's moments, without times."""
    found = torch.load(checkpoint, weights_only=True)
    parts = [found["global_step"], found["state_dict"], found["current_model_state"], found["optimizer_states"]]
    return repr([_numbers(part) for part in parts]).encode()


def _numbers(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return list(value.shape), value.contiguous().numpy().tobytes()
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    return [_numbers(one) for one in value] if isinstance(value, list | tuple) else value


def worked(process: BaseProcess, most_s: float = np.inf) -> float:
    """Wait until a process has used so many seconds of the processor, or has ended; returns how many it used."""
    used_s = 0.0
    while process.is_alive() and used_s < most_s:
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            used_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.002)
    return used_s


@pytest.mark.parametrize("kind", killed.RUNS)
def test_a_killed_run_ends_as_another(kind: str, small_bundle: Path, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    base = killed.experiment(tmp_path / "exp") if kind.startswith("train") else small_bundle
    whole = killed.start(kind, base, corpus, out)
    seconds = worked(whole)
    assert whole.exitcode == 0
    expected = contents(out)
    moments = np.random.default_rng(0).uniform(EARLIEST, LATEST, KILLS)
    n_killed = 0
    for share in moments:
        shutil.rmtree(out)
        process = killed.start(kind, base, corpus, out)
        worked(process, share * seconds)
        process.kill()
        process.join()
        n_killed += process.exitcode == -signal.SIGKILL
        again = killed.start(kind, base, corpus, out)
        again.join()
        assert again.exitcode == 0, share
        assert contents(out) == expected, (share, _differing(contents(out), expected))
    assert n_killed >= KILLS // 2
    print(f"{kind}: {n_killed} of {KILLS} were killed before they ended; a whole run takes {seconds:.1f} s")


def _differing(one: dict[str, Any], two: dict[str, Any]) -> list[str]:
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
