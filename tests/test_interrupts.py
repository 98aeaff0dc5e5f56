"""Ctrl-C at any moment: no traceback, exit code 130 (or death by the signal), no worker left, nothing half-written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.hostile.sounds import speech

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")]
RATE, FILES = 16000, 6
BEGUN_S = 1.0  # Python itself has begun: before, its own traceback cannot be helped
SHARES = np.linspace(0, 0.9, int(os.environ.get("VOICEVAE_INTERRUPTS", 3)))  # of the time of a whole run
COMMANDS = {
    "modulate": ["voicevae", "modulate", "corpus/s0/0.wav", "--pitch", "2", "-o", "out.wav"],
    "convert": ["voicevae", "convert", "corpus", "--voice", "female", "--out-dir", "out", "--workers", "2"],
    "embed": ["voicevae", "embed", "corpus", "-o", "table.npz", "--workers", "2"],
    "augment": ["voicevae", "augment", "corpus", "--out-dir", "out", "--copies", "1", "--workers", "2"],
    "prepare": ["voicevae.recipes.prepare", "--corpus", "corpus", "--exp", "exp", "--workers", "2"],
}


def group(of: int) -> list[int]:
    """Processes of a process group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == of and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def begin(command: list[str], place: Path) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_run_that_is_interrupted_ends_in_silence(kind: str, tmp_path: Path) -> None:
    for i in range(FILES):
        path = tmp_path / "corpus" / f"s{i % 2}" / f"{i}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, speech(RATE, RATE, np.random.default_rng(i)), RATE)
    begun, whole = time.time(), begin(COMMANDS[kind], tmp_path)
    _, said = whole.communicate()
    seconds = time.time() - begun
    assert whole.returncode == 0, said
    for share in SHARES:
        for path in [*tmp_path.glob("out*"), *tmp_path.glob("exp"), *tmp_path.glob("*table*")]:
            subprocess.run(["rm", "-r", str(path)], check=True)
        process = begin(COMMANDS[kind], tmp_path)
        time.sleep(max(share * seconds, BEGUN_S))
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, 130, -signal.SIGINT), (share, said)
        assert "Traceback" not in said and "Error" not in said, (share, said)
        assert not group(process.pid)
        assert not list(tmp_path.rglob("*.part"))
