"""A recipe's configuration: YAML keys are constructor arguments, and the file holds only what differs."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from voicevae.features import FeatureConfig
from voicevae.models.config import LiveF0Config, ModelConfig
from voicevae.training.settings import AdversarialConfig, ELBOConfig, TrainingConfig, TrainingError
from voicevae.typed import changed
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
    """Everything that a recipe can set; crops are in frames.

    The vocoder is trained three times: by spectral losses, adversarially, and on the VAE's mels; 0 steps skip one.
    """

    initialise_from: str = ""  # a bundle whose weights training starts from; "default" is the shipped one
    features: FeatureConfig = field(default_factory=FeatureConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    elbo: ELBOConfig = field(default_factory=ELBOConfig)
    vae_training: TrainingConfig = field(default_factory=TrainingConfig)
    vae_frames: int = 192
    vae_reference_frames: int = 256
    corpus_weights: dict[str, float] = field(default_factory=dict)  # of a corpus' probability to be drawn; 1 by default
    hidden_labels: float = 0.0  # share of the recordings whose speaker the VAE is not told: semi-supervised training
    taught: float = 0.5  # share of the way from the content to the consensus that the teacher finds
    teach_training: TrainingConfig = TrainingConfig(
        max_steps=1000, learning_rate=4e-4, warmup_steps=50, ema_decay=0.98, checkpoint_steps=100
    )
    vocoder: VocoderConfig = field(default_factory=VocoderConfig)
    vocoder_training: TrainingConfig = field(default_factory=TrainingConfig)
    adversarial: AdversarialConfig = field(default_factory=AdversarialConfig)
    adversarial_training: TrainingConfig = TrainingConfig(max_steps=1500, learning_rate=2e-4)
    decoded_training: TrainingConfig = TrainingConfig(max_steps=500, learning_rate=1e-4)
    vocoder_frames: int = 96
    live_f0: LiveF0Config = field(default_factory=LiveF0Config)
    live_f0_training: TrainingConfig = TrainingConfig(
        max_steps=600, batch_size=12, learning_rate=3e-3, warmup_steps=60, ema_decay=0.97, checkpoint_steps=50
    )
    live_f0_frames: int = 128
    about: About = field(default_factory=About)


def load(path: Path | None) -> RecipeConfig:
    """Read `path`, or the defaults without one. Raises TrainingError on an unknown key or a wrong type."""
    if path is None:
        return RecipeConfig()
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TrainingError(
            f"{path}: not a readable YAML file ({error.__class__.__name__}); give a file of keys and values."
        ) from error
    try:
        return changed(RecipeConfig(), values, str(path))
    except ValueError as error:
        raise TrainingError(str(error)) from None
