"""Training of the live F0 tracker lowers its loss and resumes, and its ONNX file computes what the network does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.experiment import CONFIG, TRAINING, OneVowel, prepared
from voicevae.features import FeatureConfig
from voicevae.features.live_f0 import LiveF0, Loud, context
from voicevae.features.salience import saliences, span
from voicevae.models.config import LiveF0Config
from voicevae.training import stages
from voicevae.training.live_f0 import LiveF0Training
from voicevae.training.run import fit
from voicevae.training.settings import TrainingError

pytestmark = pytest.mark.filterwarnings("ignore")

FEATURES = FeatureConfig()
SMALL = LiveF0Config(channels=4, width=8, dilations=(1, 2))


class Masked(OneVowel):
    def __init__(self, features: FeatureConfig) -> None:
        super().__init__(features)
        self.held["mask"] = torch.ones(2, 48)


def made(max_steps: int = 12) -> LiveF0Training:
    torch.manual_seed(0)
    return LiveF0Training(FEATURES, SMALL, replace(TRAINING, max_steps=max_steps, learning_rate=1e-2))


def loss(module: LiveF0Training) -> float:
    torch.manual_seed(1)
    return module.losses(Masked(FEATURES).batch(0))[0].item()


def as_yaml(path: Path, max_steps: int) -> Path:
    path.write_text(
        f"features: {{n_mels: {CONFIG.features.n_mels}}}\n"
        "live_f0: {channels: 4, width: 8, dilations: [1, 2]}\n"
        "live_f0_frames: 24\n"
        f"live_f0_training: {{max_steps: {max_steps}, batch_size: 2, warmup_steps: 1, checkpoint_steps: 1}}\n"
    )
    return path


def test_a_few_steps_lower_the_loss(tmp_path: Path) -> None:
    module = made()
    before = loss(module)
    fit(module, Masked(FEATURES), tmp_path)
    assert loss(module) < 0.9 * before


def test_only_frames_within_the_recording_count() -> None:
    module, batch = made(), Masked(FEATURES).batch(0)
    batch = batch | {"mask": batch["mask"].clone()}
    batch["mask"][:, 20:] = 0
    torch.manual_seed(1)
    plain = module.losses(batch)[0].item()
    batch["frames"] = batch["frames"].clone()
    batch["frames"][:, 20:, -3:-1] = 0
    torch.manual_seed(1)
    assert module.losses(batch)[0].item() == plain != loss(module)


def test_training_reads_what_the_stream_does(monkeypatch: pytest.MonkeyPatch) -> None:
    module, wave = made(), Masked(FEATURES).batch(0)["wave"]
    monkeypatch.setattr("voicevae.training.live_f0.WARM", 0.0)
    pitch, steps = module.inputs(wave)
    assert pitch.shape[2] == steps.shape[2] == 47  # of 48 frames, the last lacks its look-ahead
    loud, padded = Loud(FEATURES), np.pad(wave[0].numpy(), (704, 0))
    for t in range(47):
        found = saliences(padded[None, None, 200 * t : 200 * t + span(FEATURES)], FEATURES)
        np.testing.assert_allclose(found.pitch[0, 0], pitch[0, :, t], atol=1e-4)
        np.testing.assert_allclose(context(found, 0, loud)[0], steps[0, :, t], atol=1e-4)


def test_the_stage_writes_weights_that_track_as_the_network_does(tmp_path: Path) -> None:
    prepared(tmp_path)
    stages.train_f0(tmp_path, as_yaml(tmp_path / "tiny.yaml", 2), False)
    features = CONFIG.features
    tracker = LiveF0(features, tmp_path / "live_f0" / "live_f0.onnx")
    network = LiveF0Training(features, SMALL, TRAINING)
    network.load_state_dict(torch.load(tmp_path / "live_f0" / "last.ckpt", weights_only=True)["state_dict"])
    wave = Masked(FEATURES).batch(0)["wave"][:1]
    loud, padded = Loud(features), np.pad(wave[0].numpy(), (704, 0))
    frames = np.lib.stride_tricks.sliding_window_view(padded, span(features))[::200]
    found = saliences(frames[None], features)
    steps = np.stack([context(found, t, loud) for t in range(len(frames))], 2)
    with torch.no_grad():
        pitch = torch.from_numpy(found.pitch.transpose(0, 2, 1, 3).copy())
        _, voicing, *_ = network.network(pitch, torch.from_numpy(steps), *network.network.states(1))
    np.testing.assert_allclose(tracker.feed(wave[0].numpy())[1], torch.sigmoid(voicing)[0], atol=1e-4)


def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, losses = as_yaml(tmp_path / "tiny.yaml", 3), LiveF0Training.losses

    def cut(module: LiveF0Training, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        if module.global_step == 2:
            raise InterruptedError("the power is gone")
        return losses(module, batch)

    for name in ("whole", "parts"):
        prepared(tmp_path / name)
    stages.train_f0(tmp_path / "whole", config, False)
    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(LiveF0Training, "losses", cut)
        stages.train_f0(tmp_path / "parts", config, False)
    stages.train_f0(tmp_path / "parts", config, True)
    whole, parts = (
        torch.load(tmp_path / name / "live_f0" / "last.ckpt", weights_only=True) for name in ("whole", "parts")
    )
    assert whole["global_step"] == parts["global_step"] == 3
    for key, value in whole["state_dict"].items():
        assert torch.equal(value, parts["state_dict"][key]), key


def test_a_checkpoint_of_other_sizes_is_refused(tmp_path: Path) -> None:
    prepared(tmp_path)
    stages.train_f0(tmp_path, as_yaml(tmp_path / "tiny.yaml", 1), False)
    other = tmp_path / "other.yaml"
    other.write_text((tmp_path / "tiny.yaml").read_text().replace("channels: 4", "channels: 6"))
    with pytest.raises(TrainingError, match="another model"):
        stages.train_f0(tmp_path, other, True)
