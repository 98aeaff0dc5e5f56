"""Teaching the content: what a teacher hears, its batches, and that only the content encoder moves."""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from lhotse import MonoCut

from tests.training.experiment import CONFIG, TRAINING, leave_checkpoint, prepared, untrained_vae
from voicevae.data.prepare import load_cuts
from voicevae.errors import CorpusError
from voicevae.training import stages
from voicevae.training.export import load_vae
from voicevae.training.settings import TrainingError
from voicevae.training.teacher import Recording, heard
from voicevae.training.whisper_teacher import WhisperTeacher, _windows


class Spectrum:
    """A teacher that hears 25 log spectra a second."""

    name = "spectrum"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def measure(self, recordings: Iterable[Recording], sample_rate: int) -> None:
        next(iter(recordings))

    def hear(self, recordings: Iterable[Recording], sample_rate: int) -> Iterator[tuple[MonoCut, np.ndarray, float]]:
        for cut, wave in recordings:
            self.asked.append(cut.id)
            pieces = wave[: len(wave) // 640 * 640].reshape(-1, 640)
            yield cut, np.log(np.abs(np.fft.rfft(pieces))[:, :120] + 1e-3).astype(np.float32), 25.0


@pytest.fixture(scope="module")
def exp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught") / "exp"
    prepared(folder)
    leave_checkpoint(folder / "vae", untrained_vae())
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a training of two steps of the tiny model."""
    said: dict[str, Any] = {
        "features": {"n_mels": 20},
        "model": {name: value for name, value in vars(CONFIG.model).items() if name != "n_speakers"},
        "vae_frames": 24,
        "vae_reference_frames": 16,
        "teach_training": vars(TRAINING) | {"learning_rate": 0.01},
    }
    path = tmp_path / "taught.yaml"
    path.write_text(yaml.safe_dump(said))
    return path


def test_only_the_content_encoder_is_taught(exp: Path, config: Path, tmp_path: Path) -> None:
    own = shutil.copytree(exp, tmp_path / "exp")
    _, before, steps = load_vae(own)
    stages.teach(own, config, False, Spectrum())
    _, after, more = load_vae(own)
    moved = {
        name.split(".")[0]
        for (name, a), b in zip(before.named_parameters(), after.parameters(), strict=True)
        if not torch.equal(a, b)
    }
    assert moved == {"content_encoder"} and more == steps + TRAINING.max_steps
    said = json.loads((own / "vae_taught" / "run.json").read_text())
    assert said["teacher"] == "spectrum" and said["steps_before"] == steps


def test_a_vae_that_was_trained_on_is_to_be_taught_again(exp: Path, config: Path, tmp_path: Path) -> None:
    own = shutil.copytree(exp, tmp_path / "exp")
    stages.teach(own, config, False, Spectrum())
    run = own / "vae_taught" / "run.json"
    run.write_text(json.dumps(json.loads(run.read_text()) | {"steps_before": 1}))
    with pytest.raises(TrainingError, match="teach it again"):
        load_vae(own)


def test_what_was_heard_is_kept(exp: Path, tmp_path: Path) -> None:
    own = shutil.copytree(exp, tmp_path / "exp")
    cuts, teacher, done = list(load_cuts(own / "data", "train")), Spectrum(), []
    arguments = (own, cuts, teacher, CONFIG.features, CONFIG.model.content_stride)
    paths = heard(*arguments, done.append)
    assert sum(done) == len(cuts) == len(teacher.asked)
    for cut in cuts:
        steps = np.load(paths[cut.id])
        assert len(steps) == -(-cut.frames.shape[0] // CONFIG.model.content_stride)
    paths[cuts[0].id].unlink()
    heard(*arguments)
    assert teacher.asked[len(cuts) :] == [cuts[0].id]


def test_shards_have_no_recordings_to_hear(exp: Path) -> None:
    cut = next(iter(load_cuts(exp / "data", "train")))
    source = replace(cut.recording.sources[0], type="memory", source=b"")
    sharded = replace(cut, recording=replace(cut.recording, sources=[source]))
    with pytest.raises(CorpusError, match="shards"):
        heard(exp, [sharded], Spectrum(), CONFIG.features, 2)


class Constant:
    """A model whose encoder tells the place in the window, and the sound there."""

    class model:
        @staticmethod
        def encode(view: Any) -> np.ndarray:
            mel = np.array(view)[0, 0]
            return (np.linspace(0, 9, 1500) + mel[::2])[None, :, None]

    @staticmethod
    def feature_extractor(window: np.ndarray, padding: int) -> np.ndarray:
        return np.abs(window).reshape(1, -1, 160).max(-1)


def test_whisper_hears_each_recording_at_its_place(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2")
    tones = [(f"tone {i}", np.full(16000 * (i + 1), 0.1 * (i + 1), np.float32)) for i in range(9)]
    teacher = WhisperTeacher(Constant(), "base", tmp_path / "teacher" / "positions.npy")
    np.save(_made(tmp_path / "teacher") / "positions.npy", np.linspace(0, 9, 1500)[:, None])
    teacher.measure(iter(tones), 16000)  # which was done
    found = list(teacher.hear(iter(tones), 16000))
    assert [name for name, *_ in found] == [name for name, _ in tones]
    for number, (_, output, rate_hz) in enumerate(found):
        assert abs(len(output) - rate_hz * (number + 1)) <= 1
        np.testing.assert_allclose(output[2:-2], 0.5, atol=1e-3)  # all at one peak


def test_windows_hold_whole_recordings() -> None:
    waves = [(str(i), np.ones(16000 * 12, np.float32)) for i in range(5)]
    found = list(_windows(iter(waves), 16000))
    assert [len(places) for _, places in found] == [2, 2, 1]
    for window, places in found:
        assert len(window) == 480_000
        assert all((window[first : first + n] != 0).all() for _, first, n in places)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
