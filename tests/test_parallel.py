"""Work is done once an item, whoever does it; lost workers are one sentence, or on a cluster no loss at all."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from voicevae import parallel
from voicevae.parallel import WorkersError


def square(n: int) -> tuple[int, int]:
    return n, n * n


def process(n: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def die(n: int) -> int:
    if n == 3:
        os._exit(9)
    return n


def refuse(n: int) -> int:
    raise ValueError(f"{n} is refused")


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


def test_without_an_executor_it_is_map() -> None:
    assert list(parallel.run(square, range(5))) == [(n, n * n) for n in range(5)]


@pytest.mark.parametrize("n", [0, 1, 1000])
def test_every_item_is_done_once(n: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sorted(parallel.run(square, iter(range(n)), pool)) == [(i, i * i) for i in range(n)]


def test_items_are_taken_as_they_are_needed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while taken < 10 * parallel.PENDING:
            taken += 1
            yield taken

    with ThreadPoolExecutor(1) as pool:
        results = parallel.run(square, items(), pool)
        next(results)
        assert taken <= parallel.PENDING
        results.close()  # type: ignore[attr-defined]


def test_an_error_of_the_work_is_raised_and_the_rest_is_dropped() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="is refused"):
        list(parallel.run(refuse, range(1000), pool))
    assert pool._work_queue.qsize() <= 1


def test_processes_are_others_and_a_killed_one_is_one_sentence() -> None:
    with parallel.workers(2) as pool:
        found = set(parallel.run(process, range(8), pool))
        assert os.getpid() not in found and len(found) == 2
        with pytest.raises(WorkersError, match="killed.*fewer workers"):
            list(parallel.run(die, range(8), pool))


def test_one_worker_is_this_process() -> None:
    with parallel.workers(1) as pool:
        assert pool is None


def test_dask_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(WorkersError, match=r"voicevae\[dask\]"), parallel.workers(1, "tcp://127.0.0.1:1"):
        pass


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="distributed, of the extra dask, is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


def test_a_killed_worker_of_a_cluster_loses_and_doubles_nothing(cluster: Any, tmp_path: Path) -> None:
    with parallel.workers(scheduler=cluster.scheduler_address) as executor:
        results = list(parallel.run(Deadly(tmp_path), range(40), executor))
    assert (tmp_path / "killed").exists()
    assert sorted(results) == [(n, n * n) for n in range(40)]
    assert {int(p.stem) for p in tmp_path.glob("*.txt")} == set(range(40))


def test_work_that_kills_every_worker_is_one_sentence(cluster: Any) -> None:
    cluster.scheduler.allowed_failures = 0
    with parallel.workers(scheduler=cluster.scheduler_address) as executor, pytest.raises(WorkersError, match="killed"):
        list(parallel.run(die, [3], executor))


def test_no_scheduler_and_no_workers_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="distributed, of the extra dask, is not installed")
    monkeypatch.setattr(parallel, "PATIENCE_S", 0.3)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "?"):
        with pytest.raises(WorkersError, match="No Dask scheduler"), parallel.workers(scheduler=address):
            pass
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(WorkersError, match="has no workers"),
        parallel.workers(scheduler=empty.scheduler_address),
    ):
        pass
