"""Memory of processes in MB (10^6 bytes), as the operating system counts it."""

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path


def resident_mb(pid: int | None = None) -> float:
    """What the process `pid`, or this one, holds now; on Linux."""
    return _status_mb("VmRSS", os.getpid() if pid is None else pid)


def peak_mb() -> float:
    """The most that this process has held."""
    if Path("/proc/self/status").exists():  # Linux' ru_maxrss may be the parent's
        return _status_mb("VmHWM", os.getpid())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def forget_peak() -> None:
    """The peak becomes what is held now, where the system (Linux) lets a process say so."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _status_mb(field: str, pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024 / 1e6
