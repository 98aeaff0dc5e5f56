"""From checkpoints to a bundle."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from voicevae import bundle
from voicevae.engine.torch_networks import bundle_of, modules_of
from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.training.config import About
from voicevae.training.initialise import SHIPPED
from voicevae.training.run import last_checkpoint
from voicevae.training.settings import TrainingError
from voicevae.vocoders.source_filter import VocoderConfig

# In this order, each begins with the one before.
VAE_STAGES = ("vae", "vae_taught")
VOCODER_STAGES = ("vocoder", "vocoder_adversarial", "vocoder_decoded")


def export(exp: Path, out: Path, about: About) -> bundle.Bundle:
    """Write the averaged weights of `exp / "vae"` and `exp / "vocoder"` as a bundle in the folder `out`.

    Args:
        about: what the card says of the data and its licence.
    """
    features, vae, vae_steps = load_vae(exp)
    vocoder, vocoder_steps = _load_vocoder(exp, features)
    run, report = _read(exp / "vae" / "run.json"), _read(exp / "data" / "report.json")
    steps = {"vae": vae_steps, "vocoder": vocoder_steps}
    training = {**asdict(about), "splits": report["splits"], "steps": steps, "packages": run["packages"]}
    made = bundle_of(vae, vocoder, speakers=run["speakers"], training=training)
    figures = exp / "report" / "report.md"
    made.card = card(
        made, _without_pictures(figures.read_text(encoding="utf-8")) if figures.exists() else "Not yet evaluated.\n"
    )
    bundle.save(made, out)
    return made


def load_vae(exp: Path) -> tuple[FeatureConfig, CVAE, int]:
    """The VAE of an experiment after the last of its stages that was run, what it reads, and the steps of all.

    Raises:
        TrainingError: it was not trained, or trained on since it was taught.
    """
    before, taught = (exp / name for name in VAE_STAGES)
    features, vae, steps = untaught_vae(exp)
    if not last_checkpoint(taught):
        return features, vae, steps
    if _read(taught / "run.json")["steps_before"] != steps:
        raise TrainingError(f"{before} was trained on since {taught} was; teach it again, or delete {taught}.")
    return features, vae, steps + load_weights(vae, taught, "model.")


def untaught_vae(exp: Path) -> tuple[FeatureConfig, CVAE, int]:
    """As `load_vae`, after the first stage."""
    folder = exp / VAE_STAGES[0]
    config = _read(folder / "run.json")["config"]
    features = FeatureConfig(**config["features"])
    vae = CVAE(features.n_channels, ModelConfig(**config["model"]))
    return features, vae, load_weights(vae, folder, "model.")


def _load_vocoder(exp: Path, features: FeatureConfig) -> tuple[SourceFilter, int]:
    """The vocoder after the last of its stages that was run, and the steps of all; or, where none was run, that of the
    bundle whose weights the VAE's training started from."""
    folders = [exp / name for name in VOCODER_STAGES if last_checkpoint(exp / name)]
    if not folders and (source := _read(exp / "vae" / "run.json")["config"]["initialise_from"]):
        return modules_of(bundle.load(None if source == SHIPPED else Path(source)))[1], 0
    folders = folders or [exp / VOCODER_STAGES[0]]
    config = _read(folders[-1] / "run.json")["config"]
    if FeatureConfig(**config["features"]) != features:
        raise TrainingError(f"{exp}: VAE and vocoder were trained on different features; train one of them again.")
    vocoder = SourceFilter(features, VocoderConfig(**config["vocoder"]))
    return vocoder, sum(load_weights(vocoder, folder, "vocoder.") for folder in folders)


def _without_pictures(markdown: str) -> str:
    """A bundle does not carry the report's pictures."""
    return "\n".join(line for line in markdown.splitlines() if not line.startswith("![")).rstrip() + "\n"


def card(made: bundle.Bundle, figures: str) -> str:
    """The bundle's card in Markdown: what it was trained on, its size, its limits, its `figures` (Markdown)."""
    training = made.training
    rows = "\n".join(
        f"| {name} | {count / 1e6:.2f} M | {training['steps'][name]:,} |" for name, count in made.parameters.items()
    )
    splits = "\n".join(
        f"| {name} | {s['utterances']} | {s['hours']:.2f} | {s['speakers']} |" for name, s in training["splits"].items()
    )
    return f"""# {training["name"]}

{made.features.sample_rate // 1000} kHz, {made.features.n_mels} mel bands, {made.features.frame_rate:g} frames a second.

| part | parameters | training steps |
| --- | --- | --- |
{rows}

## Trained on

{training["data"].rstrip()}

| split | utterances | hours | speakers |
| --- | --- | --- | --- |
{splits}

## Licence

{training["licence"].rstrip()}

## Limits

{training["limits"].rstrip()}

## Figures

{figures.replace("# ", "### ")}"""


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise TrainingError(f"{path} is missing; run the stage that writes it first.") from None


def load_weights(module: nn.Module, folder: Path, prefix: str) -> int:
    """Averaged weights of the last checkpoint into `module`; returns its step."""
    path = last_checkpoint(folder)
    if path is None:
        raise TrainingError(f"{folder} has no checkpoint yet; let the stage run to its first one.")
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    weights = checkpoint["state_dict"]
    module.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})
    return int(checkpoint["global_step"])
