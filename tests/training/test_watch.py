"""A bad configuration is named in words before long, a good one is left in peace."""

from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from tests.training.voices import MODEL
from voicevae.features import FeatureConfig
from voicevae.training.run import fit
from voicevae.training.settings import ELBOConfig, TrainingConfig
from voicevae.training.vae import VAETraining
from voicevae.training.watch import LAST, Watch, WatchLatents, relative_update

pytestmark = pytest.mark.filterwarnings("ignore")

FEATURES = FeatureConfig(n_mels=16)
SMALL = replace(MODEL, channels=16)
TRAINING = TrainingConfig(max_steps=30, batch_size=4, warmup_steps=10, checkpoint_steps=30, log_steps=50)
ELBO = ELBOConfig(kl_warmup_steps=300, converted=0.0)  # conversions double the time of a step


class Voices:
    """Four made-up voices, each a slope of the spectrum and a register, that wander; the same batch in each step."""

    def __init__(self) -> None:
        random, n_frames, n = np.random.default_rng(0), 32, FEATURES.n_channels
        speaker, time = np.arange(4), np.arange(n_frames)
        tilt = np.linspace(-1, 1, n) * (speaker - 1.5)[:, None, None]
        mel = tilt + np.sin(time / 5 + random.uniform(0, 6, (4, 1)))[..., None] * np.cos(np.linspace(0, 6, n))
        log_f0 = np.broadcast_to(4.7 + 0.2 * speaker[:, None], (4, n_frames)) + 0.1 * np.sin(time / 4)
        contours = np.stack([log_f0, np.ones((4, n_frames)), np.full((4, n_frames), -25.0)], -1)
        frames = np.concatenate([mel, contours], -1)
        batch: dict[str, Any] = {"frames": frames, "reference": frames, "mask": np.ones((4, n_frames))}
        batch |= {"reference_mask": batch["mask"]}
        for name in ("source", "reference"):
            batch |= {
                f"{name}_log_f0_mean": log_f0.mean(1),
                f"{name}_log_f0_std": log_f0.std(1),
                f"{name}_mel_mean": mel.mean(1),
                f"{name}_mel_std": mel.std(1),
                f"{name}_loudness_max_db": np.full(4, -25.0),
                f"{name}_transport": np.broadcast_to(np.eye(n), (4, n, n)).copy(),
            }
        self.held = {key: torch.from_numpy(np.asarray(value)).float() for key, value in batch.items()}
        self.held["speaker"] = torch.from_numpy(speaker)

    def batch(self, step: int) -> dict[str, Tensor]:
        return self.held


def trained(folder: Path, elbo: ELBOConfig, training: TrainingConfig) -> str:
    """What was said in 30 steps."""
    torch.manual_seed(0)
    fit(VAETraining(FEATURES, SMALL, elbo, training), Voices(), folder, callbacks=[WatchLatents()])
    return (folder / "watch.txt").read_text() if (folder / "watch.txt").exists() else ""


def test_a_good_configuration_is_left_in_peace(tmp_path: Path) -> None:
    (tmp_path / "watch.txt").write_text("Step 5, steep gradients: of a run before, which was begun anew.\n")
    assert trained(tmp_path, ELBO, TRAINING) == ""
    events = EventAccumulator(str(tmp_path / "log"))
    events.Reload()
    assert {"kl/speaker", "kl/prosody", "kl/content"} <= set(events.Tags()["histograms"])
    assert events.Histograms("kl/speaker")[0].histogram_value.num == MODEL.speaker_dim


def test_a_learning_rate_and_betas_far_too_high_are_named_within_200_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    betas = {name: 1000 * getattr(ELBO, name) for name in ("beta_speaker", "beta_prosody", "beta_content")}
    training = replace(TRAINING, learning_rate=100 * TRAINING.learning_rate)
    said = trained(tmp_path, replace(ELBO, **betas), training)
    assert "lower learning_rate (0.1)" in said
    assert "speaker collapses" in said and "lower beta_speaker" in said
    lines = said.splitlines()
    assert all(int(line.split()[1].rstrip(",")) <= 200 for line in lines)
    kinds = [line.split(":")[0].split(", ")[1] for line in lines]
    assert len(kinds) == len(set(kinds))  # once each
    assert all(line in capsys.readouterr().err for line in lines[:1])


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def shown(watch: Watch, **values: float) -> list[str]:
    """What is found once each of `values` was seen long enough."""
    watch.seen.update({name: deque([value] * LAST) for name, value in values.items()})
    module = SimpleNamespace(training_config=TRAINING, adversary=SimpleNamespace(chance=np.log(4)))
    return watch.findings(module)


def test_what_is_usual_is_no_finding(watch: Watch) -> None:
    assert shown(watch, gradient_norm=1.4, relative_update=0.009, mel=150.0, active_speaker=0.5, adversary=1.6) == []


@pytest.mark.parametrize(
    ("name", "value", "kind", "cure"),
    [
        ("gradient_norm", 20.0, "steep gradients", "learning_rate"),
        ("relative_update", 0.1, "learning rate too high", "learning_rate"),
        ("active_prosody", 0.0, "prosody collapses", "lower beta_prosody, or raise free_bits_prosody"),
        ("active_content", 0.1, "content collapses: only 10 %", "content_dim smaller"),
        ("adversary", 5.0, "adversary runs away", "lower adversary"),
    ],
)
def test_each_fault_is_named_with_its_cure(watch: Watch, name: str, value: float, kind: str, cure: str) -> None:
    (found,) = shown(watch, **{name: value})
    assert found.startswith(kind) and cure in found


def test_a_single_bad_step_is_no_finding(watch: Watch) -> None:
    watch.seen["gradient_norm"] = deque([1.0, 1.0, 1e6, 1.0])
    assert shown(watch) == []


def test_what_was_learned_and_lost_is_divergence(watch: Watch) -> None:
    assert shown(watch, mel=30.0) == shown(watch, mel=10.0) == shown(watch, mel=29.0) == []
    (found,) = shown(watch, mel=31.0)
    assert found.startswith("diverged") and "31" in found and "10" in found


def test_the_relative_update_is_a_ratio_of_norms() -> None:
    module = torch.nn.Linear(2, 1)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[3.0, 0.0]]))
        module.bias.fill_(4.0)
        before = [p.clone() for p in module.parameters()]
        module.weight += torch.tensor([[0.3, 0.0]])
        module.bias += 0.4
    assert relative_update(before, module) == pytest.approx(0.5 / 5)
