"""What a bundle makes of a recording: its three latents, and the contours that they should or should not hold."""

from dataclasses import dataclass, field

import numpy as np

from voicevae.evaluation.clips import Clip
from voicevae.features import Frames, extract
from voicevae.features.contours import is_speech
from voicevae.voice import VoiceVAE

NAMES = ("z_s", "z_p", "z_c")
CONTOURS = "contours"  # beside them: what z_p is made of
ENCODERS = {"z_s": "speaker_encoder", "z_p": "prosody_encoder", "z_c": "content_encoder"}
LONGEST_S = 15.0  # less than what is encoded at a time, so that every encoder runs once


@dataclass(frozen=True, eq=False)
class Latents:
    """One recording of `T` frames.

    mean: of the posterior of each latent: z_s `[1, D_s]`, z_p `[T_p, D_p]`, z_c `[T_c, D_c]`; and "contours"
    `[T_p, 3]`, F0, voicing and loudness as below. log_variance: the same of latents that are Gaussians. log_f0 `[T]`:
    ln Hz from the mean of the voiced frames; loudness_db `[T]`: from its 95th percentile; voiced, speech `[T]` bool;
    frame_rate in Hz.
    """

    clip: Clip
    mean: dict[str, np.ndarray]
    log_f0: np.ndarray
    loudness_db: np.ndarray
    voiced: np.ndarray
    speech: np.ndarray
    frame_rate: float
    log_variance: dict[str, np.ndarray] = field(default_factory=dict)

    def stride(self, name: str) -> int:
        """Frames a step of a latent; all of them for z_s."""
        return -(-len(self.log_f0) // len(self.mean[name]))

    def rate(self, name: str) -> float:
        """Steps a second of a latent."""
        return self.frame_rate / self.stride(name)


def read(vv: VoiceVAE, clip: Clip) -> Latents:
    """The latents of a clip, or of its first 15 s. Raises AudioError where it cannot be read."""
    wave = clip.load(vv.sample_rate)[: round(LONGEST_S * vv.sample_rate)]
    frames = extract(wave, vv.config)
    mean, log_variance = _posteriors(vv, frames) if hasattr(vv, "coder") else (_means(vv, wave), {})
    voiced, loudest = frames.voiced, np.percentile(frames.loudness_db, 95)
    log_f0 = frames.log_f0 - (frames.log_f0[voiced] if voiced.any() else frames.log_f0).mean()
    loudness_db = frames.loudness_db - loudest
    contours = np.stack([log_f0, voiced, loudness_db], 1).astype(np.float32)
    mean[CONTOURS] = contours[:: -(-len(contours) // len(mean["z_p"]))]
    return Latents(
        clip,
        mean,
        log_f0,
        loudness_db,
        voiced,
        is_speech(loudness_db, 0.0),
        vv.config.frame_rate,
        log_variance,
    )


def _posteriors(vv: VoiceVAE, frames: Frames) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    q = vv.coder.infer(frames)
    mean = {"z_s": q.q_speaker.mean[None], "z_p": q.prosody.mean, "z_c": q.content.mean}
    log_variance = {
        "z_s": q.q_speaker.log_variance[None],
        "z_p": q.prosody.log_variance,
        "z_c": q.content.log_variance,  # that of the prior in the background
    }
    return mean, log_variance


def _means(vv: VoiceVAE, wave: np.ndarray) -> dict[str, np.ndarray]:
    """Of a voice that has codes alone."""
    code = vv.encode(wave, vv.sample_rate, residual=False)
    return {"z_s": code.speaker.z[None], "z_p": code.prosody, "z_c": code.content}
