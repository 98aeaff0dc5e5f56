"""A TTS system's mel as the features of the VAE, with or without its F0."""

from typing import Any

import numpy as np
import soxr

from voicevae import audio, samples
from voicevae.errors import VoiceVAEError
from voicevae.features import FeatureConfig, Frames, extract
from voicevae.features.foreign_frames import Pitch, foreign_frames, pitch_of
from voicevae.features.foreign_mel import check_known, check_mel
from voicevae.features.mel_config import MelConfig, ordinary
from voicevae.features.prosody import f0
from voicevae.vocoders.base import MelVocoder
from voicevae.vocoders.griffinlim import GriffinLim

SILENCE_DB = -90.0


def frames_from_mel(
    mel: Any, config: MelConfig, features: FeatureConfig, f0_hz: Any = None, vocoder: MelVocoder | None = None
) -> tuple[Frames, int]:
    """Frames, and the number of samples at our rate that they stand for.

    With a `vocoder`, its wave is read like any recording. Without one, timbre and level come from the mel itself, and
    F0 is `f0_hz`, or else that of a Griffin-Lim wave, which is made for nothing else.

    Raises:
        VoiceVAEError: what is wrong with the mel, its configuration or its F0; the sentence names the field.
    """
    found = check_mel(mel, config)
    n_samples = round(config.n_samples(len(found)) / config.sample_rate * features.sample_rate)
    if n_samples < samples.MIN_SECONDS * features.sample_rate:
        raise VoiceVAEError(
            f"The mel has {len(found)} frames, {1000 * n_samples / features.sample_rate:.0f} ms; "
            f"give at least {1000 * samples.MIN_SECONDS:.0f} ms of speech."
        )
    if vocoder is not None:
        if f0_hz is not None:
            raise VoiceVAEError("Both f0_hz and a vocoder were given; give one, as either tells the F0.")
        wave = audio.from_array(vocoder(found, config), vocoder.mel_config.sample_rate, features.sample_rate)
        return extract(wave, features), len(wave)
    check_known(config, ordinary(features))
    if f0_hz is None:
        pitch = _heard_pitch(found, config, features, n_samples)
    else:
        pitch = pitch_of(f0_hz, config.times(len(found)), features)
    frames = foreign_frames(found, config, pitch, features, n_samples)
    if frames.loudness_db.max() < SILENCE_DB:
        raise VoiceVAEError("The mel holds nothing but silence; give one of speech.")
    return frames, n_samples


def _heard_pitch(mel: np.ndarray, config: MelConfig, features: FeatureConfig, n_samples: int) -> Pitch:
    wave = soxr.resample(GriffinLim(config)(mel), config.sample_rate, features.sample_rate)
    log_f0, voicing = f0(wave[:n_samples].astype(np.float32), features)
    return Pitch(np.arange(len(log_f0)) / features.frame_rate, log_f0, voicing)
