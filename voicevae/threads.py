"""What runs the networks and the F0 detector: sessions of ONNX Runtime, each made once, and how many CPU threads.

torch's threads, if it is imported, follow.
"""

import os
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_chosen: list[int] = []  # the innermost last
Made = TypeVar("Made")


def count() -> int:
    """Threads to use: as many as `limited` says, else as OMP_NUM_THREADS, else one a core that this process may use."""
    if _chosen:
        return _chosen[-1]
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def use(n: int) -> None:
    """From now on, use `n` threads."""
    _chosen[:] = [n]
    _tell_torch(n)


def session(graph: Path, n_threads: int, arena: bool) -> "InferenceSession":
    """What runs an ONNX graph on `n_threads` of the CPU; with `arena`, it keeps memory between runs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = n_threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # nothing waits for another's threads
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False  # as quick; a pattern's memory is held beside that of other lengths
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class Once(Generic[Made]):
    """What `make` makes of its arguments, kept; who asks while it is made waits, and gets the same one."""

    def __init__(self, make: Callable[..., Made]) -> None:
        self._make, self._lock = make, RLock()
        self._made: dict[tuple[Hashable, ...], Made] = {}

    def __call__(self, *of: Hashable) -> Made:
        with self._lock:
            if of not in self._made:
                self._made[of] = self._make(*of)
            return self._made[of]

    def forget(self) -> None:
        """Make everything anew when it is next asked for."""
        with self._lock:
            self._made.clear()


def meanwhile(work: Callable[[], object]) -> None:
    """Do `work` in a thread beside; if it fails, that is said where its result is needed."""

    def attempt() -> None:
        with suppress(Exception):
            work()

    Thread(target=attempt).start()


@contextmanager
def limited(n: int) -> Iterator[None]:
    """Within it, use `n` threads."""
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    _chosen.append(n)
    _tell_torch(n)
    try:
        yield
    finally:
        _chosen.pop()
        if before:
            _tell_torch(before)


def _tell_torch(n: int) -> None:
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(n)
