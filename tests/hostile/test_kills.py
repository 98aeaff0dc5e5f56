"""A run that is killed at any moment goes on, and ends with the files of one that was not.

VOICEVAE_KILLS=10 kills each kind of run so many times, in place of once.
"""

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

KILLS = int(os.environ.get("VOICEVAE_KILLS", 1))
RATE, FILES = 16000, 6
RUNS = {
    "corpus run": "from voicevae import batch, load; batch.convert(load({bundle!r}), [{corpus!r}], {out!r}, rate=1.1)",
    "augment": "import voicevae; from voicevae.augmentation import augment; "
    "augment(voicevae.load({bundle!r}), {corpus!r}, {out!r}, 1, workers=1)",
    "prepare": "from pathlib import Path; from voicevae.data.prepare import prepare; "
    "from voicevae.features import FeatureConfig; "
    "prepare(Path({corpus!r}), Path({out!r}), FeatureConfig(), workers=1)",
}
JOURNALS = {"report.json", "done.jsonl", ".done.jsonl"}  # say what this run did, in the order in which it was done


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for i in range(FILES):
        path = folder / f"speaker{i % 2}" / f"{i}.wav"
        path.parent.mkdir(exist_ok=True)
        sf.write(path, speech(RATE, RATE, np.random.default_rng(i)), RATE)
    return folder


def started(kind: str, bundle: Path, corpus: Path, out: Path) -> subprocess.Popen:
    code = RUNS[kind].format(bundle=str(bundle), corpus=str(corpus), out=str(out))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def contents(out: Path) -> dict[str, bytes]:
    """What a run left, with the place of its folder taken out."""
    files = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file() and p.name not in JOURNALS}
    return {name: path.read_bytes() for name, path in files.items()}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
@pytest.mark.parametrize("kind", RUNS)
def test_a_killed_run_ends_as_another(kind: str, small_bundle: Path, corpus: Path, tmp_path: Path) -> None:
    out, kept = tmp_path / "out", tmp_path / "kept"
    whole = started(kind, small_bundle, corpus, out)
    assert whole.wait() == 0, whole.stderr.read().decode()
    expected = contents(out)
    n_done = len(expected)
    assert n_done >= FILES
    for seed in range(KILLS):
        out.rename(kept.with_name(f"kept{seed}"))
        wanted = int(np.random.default_rng(seed).integers(1, n_done))
        process = started(kind, small_bundle, corpus, out)
        while process.poll() is None and sum(p.is_file() for p in out.rglob("*")) < wanted:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        again = started(kind, small_bundle, corpus, out)
        assert again.wait() == 0, again.stderr.read().decode()
        assert contents(out) == expected
