"""Work is done once an item, whoever does it; lost workers are one sentence, see tests/test_cluster.py for Dask."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import InvalidStateError, ThreadPoolExecutor

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


def test_what_a_pool_says_of_cancelled_items_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(error: type[Exception]) -> None:
        raise error("of the pool")

    before = threading.excepthook
    threading.excepthook = threading.__excepthook__  # pytest's own collects what threads raise
    try:
        with parallel._cancelled_in_silence():
            for error in (InvalidStateError, KeyError):
                thread = threading.Thread(target=fail, args=[error])
                thread.start()
                thread.join()
        assert threading.excepthook is threading.__excepthook__
    finally:
        threading.excepthook = before
    said = capsys.readouterr().err
    assert "KeyError" in said and "InvalidStateError" not in said


def test_one_worker_is_this_process() -> None:
    with parallel.workers(1) as pool, parallel.cluster(None) as executor:
        assert pool is None and executor is None


def test_dask_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(WorkersError, match=r"voicevae\[dask\]"), parallel.cluster("tcp://127.0.0.1:1"):
        pass
