"""The training stages that recipes run, one after another, in one experiment folder.

exp/<name>/data/                prepared by voicevae.recipes.prepare
exp/<name>/vae/, vocoder/       checkpoints, logs, the configuration and what it ran on
exp/<name>/vae_taught/          likewise, of the VAE whose content was taught
exp/<name>/vocoder_adversarial/, vocoder_decoded/   likewise, of the vocoder's later stages
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from voicevae.data.batches import TrainingBatches
from voicevae.training import speech
from voicevae.training.adversarial import AdversarialTraining
from voicevae.training.config import RecipeConfig, load
from voicevae.training.decoded import decoded_mels
from voicevae.training.export import VAE_STAGES, VOCODER_STAGES, untaught_vae
from voicevae.training.export_f0 import LIVE_F0, export_f0
from voicevae.training.initialise import take_weights
from voicevae.training.live_f0 import LiveF0Training
from voicevae.training.record import check_resumable, record
from voicevae.training.run import Training, check_divides, fit
from voicevae.training.settings import TrainingError
from voicevae.training.taught import TaughtBatches, TaughtTraining, consensus_frames
from voicevae.training.teacher import Teacher, heard, waves
from voicevae.training.vae import VAETraining
from voicevae.training.vocoder import VocoderTraining
from voicevae.training.watch import WatchLatents


def train_vae(
    exp: Path,
    config_path: Path | None,
    resume: bool,
    devices: int = 1,
    nodes: int = 1,
    minutes: float | None = None,
) -> None:
    """Train the VAE in `exp / "vae"`, from its last checkpoint if `resume`, by `devices` on each of `nodes`; for
    `minutes`, if given, instead of as long as the configuration says."""
    config, folder = clocked(load(config_path), minutes, ["vae_training"]), exp / "vae"
    check_divides(config.vae_training, devices * nodes)
    data = speech.read(exp, config)
    model = replace(config.model, n_speakers=len(data.speakers))
    torch.manual_seed(config.vae_training.seed)
    module = VAETraining(config.features, model, config.elbo, config.vae_training)
    for name, values in vars(data.normalisation).items():
        getattr(module.model, name).copy_(torch.from_numpy(values))
    take_weights(module.model, config)
    more: dict[str, object] = {"data": data.data, "speakers": data.speakers}
    _fit(module, data.batches, folder, resume, replace(config, model=model), more, devices, nodes)


def teach(exp: Path, config_path: Path | None, resume: bool, teacher: Teacher, minutes: float | None = None) -> None:
    """Teach the content encoder of the VAE in `exp / "vae"` by what `teacher` hears; the result is in `exp /
    "vae_taught"`."""
    config = clocked(load(config_path), minutes, ["teach_training"])
    data = speech.read(exp, replace(config, vae_training=config.teach_training))
    if not isinstance(data.batches, TrainingBatches):
        raise TrainingError(f"A teacher hears recordings, and shards are without; delete {exp / 'data' / 'shards'}.")
    features, model, steps = untaught_vae(exp)
    cuts, stride, rate = data.batches.bank.cuts, model.config.content_stride, features.sample_rate
    torch.manual_seed(config.teach_training.seed)
    teacher.measure(waves(cuts, rate, config.teach_training.seed), rate)
    with tqdm(total=len(cuts), desc="heard", unit="recording") as bar:
        paths = heard(exp, cuts, teacher, features, stride, bar.update)
    wanted = consensus_frames(model, features, data.batches.bank, paths)
    module = TaughtTraining(model, config.elbo, config.teach_training, config.taught)
    more: dict[str, object] = {"data": data.data, "teacher": teacher.name, "steps_before": steps}
    _fit(module, TaughtBatches(data.batches, wanted, stride), exp / VAE_STAGES[1], resume, config, more, 1, 1)


def train_vocoder(
    exp: Path,
    config_path: Path | None,
    resume: bool,
    devices: int = 1,
    nodes: int = 1,
    minutes: float | None = None,
) -> None:
    """Train the vocoder in the folders `VOCODER_STAGES`, each from its last checkpoint if `resume`, likewise."""
    names = ("vocoder_training", "adversarial_training", "decoded_training")
    config, before = clocked(load(config_path), minutes, names), None
    plans = [getattr(config, name) for name in names]
    for training in plans:
        check_divides(training, devices * nodes)
    features = config.features
    sound = speech.read_sound(exp, features, config.vocoder_training, config.vocoder_frames)
    batches, mean, std = sound.batches, *map(torch.from_numpy, (sound.mel_mean, sound.mel_std))
    for name, training in zip(VOCODER_STAGES, plans, strict=True):
        if training.max_steps == 0:
            continue
        torch.manual_seed(training.seed)  # the first weights too are the same where a run is resumed
        folder, module = exp / name, VocoderTraining(features, config.vocoder, training, mean, std)
        if name != VOCODER_STAGES[0]:
            adversarial = config.adversarial
            if before == exp / VOCODER_STAGES[1]:  # whose discriminators go on
                adversarial = replace(adversarial, warmup_steps=0)
            module = AdversarialTraining(features, config.vocoder, adversarial, training, mean, std)
        if name == VOCODER_STAGES[-1]:
            batches.replace_mels(partial(decoded_mels, exp), config.adversarial.decoded)
        if before is None:
            take_weights(module.vocoder, config)
        else:
            _begin_with(module, before)
        batches.seed, batches.batch_size = training.seed, training.batch_size
        _fit(module, batches, folder, resume, config, {"data": sound.data}, devices, nodes)
        before = folder


def train_f0(
    exp: Path,
    config_path: Path | None,
    resume: bool,
    devices: int = 1,
    nodes: int = 1,
    minutes: float | None = None,
) -> None:
    """Train the live F0 tracker in `exp / "live_f0"`, likewise, and write it there as `live_f0.onnx`."""
    config, folder = clocked(load(config_path), minutes, ["live_f0_training"]), exp / LIVE_F0
    training = config.live_f0_training
    check_divides(training, devices * nodes)
    sound = speech.read_sound(exp, config.features, training, config.live_f0_frames)
    torch.manual_seed(training.seed)
    module = LiveF0Training(config.features, config.live_f0, training)
    _fit(module, sound.batches, folder, resume, config, {"data": sound.data}, devices, nodes)
    export_f0(exp, config.features, config.live_f0)


def clocked(config: RecipeConfig, minutes: float | None, trainings: Sequence[str]) -> RecipeConfig:
    """`config` with `minutes`, if given, for all of its `trainings` together, in proportion to their steps."""
    if minutes is None:
        return config
    plans = {name: getattr(config, name) for name in trainings}
    steps = sum(plan.max_steps for plan in plans.values()) or 1
    changes: dict[str, Any] = {n: replace(plan, minutes=minutes * plan.max_steps / steps) for n, plan in plans.items()}
    return replace(config, **changes)


def _fit(
    module: Training,
    batches: Any,
    folder: Path,
    resume: bool,
    config: RecipeConfig,
    more: dict[str, object],
    devices: int,
    nodes: int,
) -> None:
    """Train, once it is written down what is trained."""
    if resume:
        check_resumable(module, folder)
    seed = module.training_config.seed
    record(folder, config, {"seed": seed, "devices": devices, "nodes": nodes} | more)
    callbacks = [WatchLatents()] if isinstance(module, VAETraining) else []
    fit(module, batches, folder, resume, callbacks, devices, nodes)


def _begin_with(module: VocoderTraining, folder: Path) -> None:
    """The weights of the stage before, as far as it has them: the first one has no discriminators."""
    found = torch.load(folder / "last.ckpt", map_location="cpu", weights_only=True)["state_dict"]
    module.load_state_dict(found, strict=False)
