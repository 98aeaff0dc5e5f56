"""An experiment so small that training it takes no time: two made-up speakers, tiny networks, a VAE nobody trained."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile as sf
import torch
from lhotse import AudioSource, CutSet, MonoCut, NumpyFilesWriter, Recording, SupervisionSegment
from torch import Tensor

from voicevae.features import FeatureConfig, extract
from voicevae.models.config import ModelConfig
from voicevae.training.config import RecipeConfig
from voicevae.training.run import Training
from voicevae.training.settings import AdversarialConfig, ELBOConfig, TrainingConfig
from voicevae.training.stages import record
from voicevae.training.vae import VAETraining
from voicevae.vocoders.source_filter import VocoderConfig

TRAINING = TrainingConfig(max_steps=2, batch_size=2, warmup_steps=1, ema_decay=0.5, checkpoint_steps=1, log_steps=1)
CONFIG = RecipeConfig(
    features=FeatureConfig(n_mels=20),
    model=ModelConfig(
        channels=16, content_blocks=1, decoder_blocks=1, speaker_channels=16, speaker_blocks=1, n_speakers=2
    ),
    vocoder=VocoderConfig(16, 1, 3, 2, corrections=1),
    vocoder_training=TRAINING,
    adversarial=AdversarialConfig(warmup_steps=1, windows=(256,), periods=(2,), channels=2),
    adversarial_training=TRAINING,
    decoded_training=TRAINING,
    vocoder_frames=32,
)
SPLITS = {"train": {"utterances": 12, "hours": 0.5, "speakers": 2}}


def vowel(n_samples: int, f0_hz: float = 130.0) -> np.ndarray:
    """A buzz with two formants and breath at 16 kHz, the like of which no minimum-phase envelope alone gives."""
    time = np.arange(n_samples) / 16000
    phase = 2 * np.pi * np.cumsum(f0_hz + 20 * np.sin(2 * np.pi * 3 * time)) / 16000
    partial = np.arange(1, int(6500 / f0_hz))
    hz = f0_hz * partial
    gain = 1 / (1 + ((hz - 600) / 150) ** 2) + 0.5 / (1 + ((hz - 1800) / 200) ** 2)
    voice = (gain[:, None] * np.sin(partial[:, None] * phase + partial[:, None] ** 2)).sum(0)
    return (0.1 * voice + np.random.default_rng(0).normal(0, 0.01, n_samples)).astype(np.float32)


class OneVowel:
    """The same two crops of one vowel in every step."""

    def __init__(self, features: FeatureConfig) -> None:
        wave = vowel(96 * features.hop_length)
        frames = torch.from_numpy(extract(wave, features).array()[:96]).reshape(2, 48, -1)
        self.held = {"frames": frames, "wave": torch.from_numpy(wave).reshape(2, -1)}

    def batch(self, step: int) -> dict[str, Tensor]:
        return self.held


def prepared(exp: Path, features: FeatureConfig = CONFIG.features) -> CutSet:
    """What preparation leaves in `exp / "data"` of three recordings of two speakers."""
    cuts, folder = [], exp / "data"
    folder.mkdir(parents=True)
    for name, n_samples, f0_hz in (("ann-0", 12_000, 190.0), ("ann-1", 9_000, 210.0), ("bob-0", 14_007, 110.0)):
        wave = vowel(n_samples, f0_hz)
        sf.write(folder / f"{name}.wav", wave, 16000, subtype="FLOAT")
        seconds = n_samples / 16000
        recording = Recording(name, [AudioSource("file", [0], str(folder / f"{name}.wav"))], 16000, n_samples, seconds)
        label = SupervisionSegment(name, name, 0, seconds, speaker=name[:3])
        cut = MonoCut(name, 0, seconds, 0, [label], recording=recording)
        frames = NumpyFilesWriter(folder / "frames").store_array(
            name, extract(wave, features).array(), frame_shift=1 / features.frame_rate, temporal_dim=0
        )
        cuts.append(cut.with_custom("frames", frames))
    made = CutSet.from_cuts(cuts)
    made.to_file(folder / "cuts_train.jsonl.gz")
    (folder / "report.json").write_text(json.dumps({"splits": SPLITS}))
    return made


def leave_checkpoint(folder: Path, module: Training, steps: int = 1234, config: RecipeConfig = CONFIG) -> None:
    """What training leaves in its folder: averaged weights under `state_dict`, others elsewhere."""
    record(folder, config, {"speakers": ["ann", "bob"]} if isinstance(module, VAETraining) else {})
    averaged = module.state_dict()
    raw = {name: value + 1 for name, value in averaged.items()}
    torch.save({"state_dict": averaged, "current_model_state": raw, "global_step": steps}, folder / "last.ckpt")


def untrained_vae(config: RecipeConfig = CONFIG) -> VAETraining:
    """Decoders that do not begin at zero, so that content and contours are seen in the mel."""
    torch.manual_seed(0)
    module = VAETraining(config.features, config.model, ELBOConfig(), config.vae_training)
    module.model.mel_mean.copy_(torch.randn(config.features.n_channels))
    return module


def as_yaml(path: Path, **steps: int) -> Path:
    """`CONFIG` as a recipe's file; `steps` of the trainings, by name, are others."""
    stages = {
        name: {**vars(TRAINING), **({"max_steps": steps[name]} if name in steps else {})}
        for name in {"vocoder_training", "adversarial_training", "decoded_training", *steps}
    }
    adversarial = {key: list(v) if isinstance(v, tuple) else v for key, v in vars(CONFIG.adversarial).items()}
    whole = {
        "features": vars(CONFIG.features),
        "model": vars(replace(CONFIG.model, n_speakers=0)),
        "vocoder": vars(CONFIG.vocoder),
        "adversarial": adversarial,
        "vocoder_frames": CONFIG.vocoder_frames,
        **stages,
    }
    path.write_text(json.dumps(whole))  # JSON is YAML
    return path
