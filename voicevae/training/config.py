"""A recipe's configuration: YAML keys are constructor arguments, and the file holds only what differs."""

import contextlib
import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.training.run import TrainingConfig, TrainingError
from voicevae.training.vae import ELBOConfig
from voicevae.vocoders.source_filter import VocoderConfig


@dataclass(frozen=True)
class About:
    """What the card of a bundle says of it, in Markdown."""

    name: str = "A voicevae bundle"
    data: str = "Recordings of the user's own."
    licence: str = "Not stated."
    limits: str = "Not stated."


@dataclass(frozen=True)
class RecipeConfig:
    """Everything that a recipe can set; crops are in frames."""

    features: FeatureConfig = field(default_factory=FeatureConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    elbo: ELBOConfig = field(default_factory=ELBOConfig)
    vae_training: TrainingConfig = field(default_factory=TrainingConfig)
    vae_frames: int = 192
    vae_reference_frames: int = 256
    vocoder: VocoderConfig = field(default_factory=VocoderConfig)
    vocoder_training: TrainingConfig = field(default_factory=TrainingConfig)
    vocoder_frames: int = 96
    about: About = field(default_factory=About)


def load(path: Path | None) -> RecipeConfig:
    """Read `path`, or the defaults without one. Raises TrainingError on an unknown key or a wrong type."""
    if path is None:
        return RecipeConfig()
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TrainingError(
            f"{path}: not a readable YAML file ({error.__class__.__name__}); give one like egs/folder/conf."
        ) from error
    return _build(RecipeConfig, values, str(path))


def _build(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, dict):
        raise TrainingError(f"{where}: expected keys with values, found {values!r}.")
    fields = {f.name: f for f in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(fields), key=str)
    if unknown:
        raise TrainingError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(fields)}.")
    return kind(**{name: _value(fields[name].type, value, where, name) for name, value in values.items()})


def _value(kind: Any, value: Any, where: str, name: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _build(kind, value, f"{where}, {name}")
    if kind is float and type(value) in (int, str):  # to YAML, 1e-3 is a string
        with contextlib.suppress(ValueError):
            value = float(value)
    if type(value) is not kind:
        raise TrainingError(f"{where}: {name} must be {kind.__name__}, not {value!r}.")
    return value
