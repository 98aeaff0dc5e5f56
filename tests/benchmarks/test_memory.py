import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.memory import resident_mb

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say it so")
PEAKS = """
from benchmarks.memory import forget_peak, peak_mb, resident_mb
before = peak_mb()
held = b"1" * 200_000_000
assert 190 < resident_mb() - before < 230, "held"
del held
assert peak_mb() - before > 190, "the peak stays"
forget_peak()
assert peak_mb() - before < 50, "until it is forgotten"
"""


def test_the_peak_holds_what_was_freed_until_it_is_forgotten() -> None:
    subprocess.run([sys.executable, "-c", PEAKS], check=True, cwd=Path(__file__).parents[2])


def test_another_process_holds_what_it_says() -> None:
    work = "held = b'1' * 100_000_000; print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 100 < resident_mb(process.pid) < 130
        process.communicate(b"\n")
