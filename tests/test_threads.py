import threading

import pytest

from voicevae import threads


def test_what_is_made_once_is_one_for_all_who_ask_while_it_is_made() -> None:
    asked, made = threading.Barrier(4), []

    def make(name: str) -> object:
        made.append(name)
        return object()

    once, found = threads.Once(make), []

    def ask() -> None:
        asked.wait()
        found.append(once("one"))

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert made == ["one"] and len(set(map(id, found))) == 1
    assert once("other") is not once("one")
    once.forget()
    assert once("one") is not found[0]


def test_work_beside_that_fails_fails_where_its_result_is_needed() -> None:
    tries = []

    def fails() -> None:
        tries.append(threading.current_thread())
        raise RuntimeError("no such graph")

    once = threads.Once(fails)
    threads.meanwhile(once)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread in tries:
            thread.join()
    with pytest.raises(RuntimeError, match="no such graph"):
        once()
    assert threading.current_thread() in tries
