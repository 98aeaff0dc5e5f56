"""Configuration of a training; apart from the training itself, so that reading one needs no Lightning."""

from dataclasses import dataclass

from voicevae.errors import VoiceVAEError


class TrainingError(VoiceVAEError):
    """Training cannot continue; the message says why and what to do."""


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast. `precision` is Lightning's: "32-true", or "bf16-mixed" where the device has it."""

    max_steps: int = 10_000
    minutes: float = 0.0  # of training, if not 0: the learning rate follows the clock, and max_steps only bounds it
    batch_size: int = 16  # of all devices together
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    final_learning_rate: float = 0.02  # of learning_rate, at the end of a cosine
    gradient_clip: float = 1.0
    ema_decay: float = 0.998
    precision: str = "32-true"
    compile: bool = False  # the networks' blocks, by torch.compile
    checkpoint_steps: int = 250
    log_steps: int = 20
    seed: int = 0


@dataclass(frozen=True)
class ELBOConfig:
    """Weights of the objective, in nats a frame; betas of 1 are the plain ELBO.

    A KL's beta rises linearly from 0 over `kl_warmup_steps`; no dimension's KL is pushed below its free bits.
    """

    mel_scale: float = 0.5  # of the Laplace likelihood of the mel, nats
    contour_scale: float = 0.1  # likewise of the contours, in their own units
    beta_speaker: float = 2.0
    beta_prosody: float = 0.3
    beta_content: float = 1.5
    free_bits_speaker: float = 0.02
    free_bits_prosody: float = 0.02
    free_bits_content: float = 0.02
    kl_warmup_steps: int = 1500
    adversary: float = 10.0
    head: float = 1.0
    label_dropout: float = 0.5
    perturbation: float = 0.25  # of the content encoder's input: formants from 4/5 to 5/4
    converted: float = 0.5  # share of a batch whose content is read from the model's own conversions
    discriminator: float = 0.0  # weight of its loss on decoded mels and conversions; 0 trains none
    discriminator_warmup_steps: int = 200  # in which only the discriminator learns
    content_consistency: float = 0.1  # of conversions, where there is a discriminator
    new_voices: float = 0.7  # share of a batch whose voice, and its reference's, is warped and coloured
    new_voice_warp: float = 0.15
    new_voice_colour: float = 0.5  # nats
    gaps: float = 0.3  # share of a batch with frames missing from the encoders' input, so that gaps can be filled
    longest_gap: int = 20  # frames


@dataclass(frozen=True)
class AdversarialConfig:
    """Weights of the losses, and what part of a batch is edited. Windows and hops are in samples."""

    adversarial: float = 0.1
    feature_matching: float = 0.5
    warmup_steps: int = 200  # in which only the discriminators learn
    shifted: float = 0.33  # share of a batch with another F0
    shift_semitones: float = 8.0  # at most, either way
    decoded: float = 0.5  # in the last stage: share of a batch that reads the VAE's mels
    windows: tuple[int, ...] = (256, 512, 1024)
    periods: tuple[int, ...] = (2, 3, 5)
    channels: int = 12
