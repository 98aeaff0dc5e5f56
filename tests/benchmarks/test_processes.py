import subprocess
import sys
from pathlib import Path
from time import sleep

from benchmarks.processes import fresh, serving

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import os, time
from benchmarks.processes import fresh
if __name__ == "__main__":
    with fresh(1) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        pool.submit(time.sleep, 60).result()
"""


def test_work_is_done_elsewhere_in_order() -> None:
    with fresh(1) as pool:
        assert list(pool.map(abs, [-1, 2, -3])) == [1, 2, 3]


def test_a_process_ends_with_the_one_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip()
        assert child.exists()
        parent.kill()
    for _ in range(300):
        if not child.exists() or "(zombie)" in (child / "status").read_text():
            return
        sleep(0.1)
    raise AssertionError("it lives on")


def test_a_server_is_served_where_it_says_and_ends_with_the_block(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "server_of_test.py").write_text(
        "import sys, time\nprint(f'It is at http://here:{len(sys.argv)}; and on.', flush=True)\ntime.sleep(60)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serving("server_of_test", "--one") as (address, pid):
        assert address == "http://here:4" and Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
