"""On a Dask cluster whose workers get killed nothing is lost or doubled, and all is as it is without one."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae import batch, parallel
from voicevae.cli import main
from voicevae.data.prepare import load_cuts, load_frames, prepare
from voicevae.features import FeatureConfig
from voicevae.parallel import WorkersError

distributed = pytest.importorskip("distributed", reason="distributed, of the extra dask, is not installed")
N = 8


class Deadly:
    """Writes a file an item; the worker that gets item 5 first is killed in the middle of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, n: int) -> tuple[int, int]:
        mark = self.folder / "killed"
        if n == 5 and not mark.exists():
            mark.touch()
            os._exit(9)
        time.sleep(0.01)
        with open(self.folder / f"{n}.txt", "a") as file:
            file.write(f"{os.getpid()}\n")
        return n, n * n


def die(n: int) -> int:
    os._exit(9)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on this machine."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


@pytest.fixture
def executor(cluster: Any) -> Iterator[Executor | None]:
    with parallel.cluster(cluster.scheduler_address) as made:
        yield made


@pytest.fixture
def killer(cluster: Any, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """f(pattern): one worker process is killed as soon as there is a file that `pattern` names below tmp_path."""
    killed: list[int] = []
    threads: list[threading.Thread] = []
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        pids = sorted(client.run(os.getpid).values())

    def wait(pattern: str) -> None:
        while not any(tmp_path.glob(pattern)):
            time.sleep(0.005)
        os.kill(pids[0], signal.SIGKILL)
        killed.append(pids[0])

    def start(pattern: str) -> None:
        threads.append(threading.Thread(target=wait, args=(pattern,), daemon=True))
        threads[-1].start()

    yield start
    threads[-1].join(timeout=5)
    assert killed


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers of four buzzes each."""
    folder = tmp_path_factory.mktemp("corpus")
    for i in range(N):
        path = folder / ("anna", "bert")[i % 2] / f"u{i:02}.wav"
        path.parent.mkdir(exist_ok=True)
        time_s = np.arange(9600 + 400 * i) / 16000
        tone = sum(np.sin(2 * np.pi * (110 + 5 * i) * k * time_s) / k for k in range(1, 11))
        sf.write(path, 0.1 * tone * (1 + 0.5 * np.sin(2 * np.pi * 3 * time_s)), 16000)
    return folder


def test_conversions_are_those_of_one_process(
    corpus: Path, small_bundle: Path, tmp_path: Path, executor: Executor, killer: Callable[[str], None]
) -> None:
    vv, how = voicevae.load(small_bundle), {"voice": corpus / "anna" / "u00.wav", "pitch_semitones": 2.0}
    one = batch.convert(vv, [corpus], tmp_path / "one", **how)
    killer("many/*/*.wav")
    many = batch.convert(vv, [corpus], tmp_path / "many", executor=executor, **how)
    assert (many.made, many.kept, many.failures) == (one.made, one.kept, one.failures) == (N, 0, [])
    found = {path.relative_to(tmp_path / "many") for path in (tmp_path / "many").rglob("*") if path.is_file()}
    assert found == {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    for path in (tmp_path / "one").rglob("*.wav"):
        assert path.read_bytes() == (tmp_path / "many" / path.relative_to(tmp_path / "one")).read_bytes()
    assert batch.convert(vv, [corpus], tmp_path / "many", executor=executor, **how).kept == N


def test_embeddings_are_those_of_one_process(
    corpus: Path, small_bundle: Path, tmp_path: Path, executor: Executor
) -> None:
    vv = voicevae.load(small_bundle)
    one = vv.embed(sorted(corpus.rglob("*.wav")))
    many, _ = batch.embed(vv, [corpus], tmp_path / "table.npz", executor=executor)
    assert many.names == one.names
    np.testing.assert_array_equal(many.matrix(), one.matrix())


@pytest.mark.slow
def test_copies_are_those_of_one_process(corpus: Path, small_bundle: Path, tmp_path: Path, cluster: Any) -> None:
    command = ["augment", str(corpus), "--copies", "1", "--bundle", str(small_bundle), "--out-dir"]
    assert main([*command, str(tmp_path / "one"), "--workers", "1"]) == 0
    assert main([*command, str(tmp_path / "many"), "--scheduler", cluster.scheduler_address]) == 0
    one, many = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.flac")}
        for folder in (tmp_path / "one", tmp_path / "many")
    )
    assert one and one == many


def test_prepared_frames_are_those_of_one_process(
    corpus: Path, tmp_path: Path, executor: Executor, killer: Callable[[str], None]
) -> None:
    prepare(corpus, tmp_path / "one", FeatureConfig(), workers=1)
    killer("many/data/frames/**/*.npy")
    report = prepare(corpus, tmp_path / "many", FeatureConfig(), executor=executor)
    assert report.extracted == N
    one, many = (load_cuts(tmp_path / name / "data", "train") for name in ("one", "many"))
    assert [cut.id for cut in one] == [cut.id for cut in many]
    for a, b in zip(one, many, strict=True):
        np.testing.assert_array_equal(load_frames(a), load_frames(b))
    assert len((tmp_path / "many" / "data" / "done.jsonl").read_text().splitlines()) == N


@pytest.mark.slow
def test_a_killed_worker_of_a_cluster_loses_and_doubles_nothing(cluster: Any, tmp_path: Path) -> None:
    with parallel.cluster(cluster.scheduler_address) as executor:
        results = list(parallel.run(Deadly(tmp_path), range(40), executor))
    assert (tmp_path / "killed").exists()
    assert sorted(results) == [(n, n * n) for n in range(40)]
    assert {int(p.stem) for p in tmp_path.glob("*.txt")} == set(range(40))


@pytest.mark.slow
def test_work_that_kills_every_worker_is_one_sentence(cluster: Any) -> None:
    cluster.scheduler.allowed_failures = 0
    with parallel.cluster(cluster.scheduler_address) as executor, pytest.raises(WorkersError, match="killed"):
        list(parallel.run(die, [3], executor))


def test_no_scheduler_and_no_workers_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "PATIENCE_S", 0.3)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "?"):
        with pytest.raises(WorkersError, match="No Dask scheduler"), parallel.cluster(address):
            pass
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(WorkersError, match="has no workers"),
        parallel.cluster(empty.scheduler_address),
    ):
        pass
