"""What is done is not done again, and to find that out for a thousand files takes a few seconds of processor time.

The first runs have their work left out; a second run has none to do.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from lhotse import NumpyFilesWriter

import voicevae
from voicevae import batch
from voicevae.data import extraction
from voicevae.data.prepare import prepare
from voicevae.features import FeatureConfig
from voicevae.verbs.embed import GROUPS

N, LIMIT_S = 1000, 5.0


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand recordings of 0.6 s."""
    folder = tmp_path_factory.mktemp("corpus")
    for i in range(N):
        path = folder / f"s{i % 10}" / f"u{i:04}.wav"
        path.parent.mkdir(exist_ok=True)
        sf.write(path, np.full(9600, 0.1), 16000)
    return folder


def second_s(work: Callable[[], object], kind: type, does: Callable, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds of processor time of `work` once it was done, where `does` stands in for what `kind` does with a file."""
    with monkeypatch.context() as patch:
        patch.setattr(kind, "__call__", does)
        work()
    monkeypatch.setattr(kind, "__call__", lambda *_: pytest.fail("done again"))
    begun = time.process_time()
    work()
    return time.process_time() - begun


def test_prepare(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def extracted(self: extraction._Extractor, job: extraction.Job) -> extraction.Done:
        key = NumpyFilesWriter(self.frames).write(job.id, np.zeros((2, 3), np.float32))
        return extraction.Done(job.id, job.stamp, key, (2, 3))

    def work() -> None:
        assert sum(t.utterances for t in prepare(corpus, tmp_path, FeatureConfig(), workers=1).splits.values()) == N

    assert second_s(work, extraction._Extractor, extracted, monkeypatch) < LIMIT_S


def test_convert(corpus: Path, small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vv = voicevae.load(small_bundle)

    def spoken(self: object, task: batch.Task) -> dict:
        task.output.write_bytes(b"sound")
        return {"id": task.id, "stamp": task.stamp, "seconds": 0.02, "size": 5}

    def work() -> None:
        done = batch.convert(vv, [corpus], tmp_path / "out", pitch_semitones=1.0)
        assert done.made + done.kept == N

    assert second_s(work, batch._Speak, spoken, monkeypatch) < LIMIT_S


def test_embed(corpus: Path, small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vv, groups = voicevae.load(small_bundle), dict.fromkeys(GROUPS, batch._text(np.ones(4)))

    def embedded(self: object, task: batch.Task) -> dict:
        return {"id": task.id, "stamp": task.stamp, "seconds": 0.02, "groups": groups}

    def work() -> None:
        assert len(batch.embed(vv, [corpus], tmp_path / "table.npz")[0].names) == N

    assert second_s(work, batch._Embed, embedded, monkeypatch) < LIMIT_S
