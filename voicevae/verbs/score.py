"""Anomaly score: how unlike the training speech a recording is.

Minus the ELBO of each frame in nats: Laplace likelihoods of the mel, of F0 and of loudness, with the scales that fit
the training speech best, a Bernoulli likelihood of voicing, and the three divergences, each spread over the frames of
its latent.

    -log p(x, c) <= -log p(x | z_c, c, z_s) - log p(c | z_p) + KL_s / T + KL_p + KL_c

The sum alone misses anomalies: a good decoder reconstructs them, and priors without a model of time cannot tell
reversed speech. So an utterance is scored by the mean of each term over its speech, and by statistics of how mel,
loudness and F0 move, among them that speech begins faster and brighter than it ends, and that its pitch falls. A
Gaussian fitted to these nineteen numbers of the training recordings, and to nothing else, gives the Mahalanobis
distance; its rank among theirs is the percentile, and its logarithm in their standard deviations is z.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from voicevae.calibration import MAKE, Calibration
from voicevae.coder import Coder, Posterior
from voicevae.errors import BundleError
from voicevae.features import Frames
from voicevae.features.contours import LOUDNESS_UNIT_DB
from voicevae.units import DB_PER_NAT

TERMS = ("mel", "F0", "loudness", "voicing", "KL speaker", "KL prosody", "KL content")
MOVES = (
    "mel error over its standard deviation",
    "mel error's 95th percentile over its mean",
    "skewness of loudness changes",
    "skewness of band changes",
    "mel standard deviation",
    "mel change",
    "loudness change",
    "loudness standard deviation",
    "loudness headroom",
    "F0 slope",
    "brightness of onsets",
    "floor of the upper bands",
)
NAMES = TERMS + MOVES
MIN_FRAMES = 4
QUANTILES = np.linspace(0, 1, 201)
FRAME_PERCENTILES = (50, 95, 99)
ONSET_FRAMES = 4  # 50 ms, over which loudness rises or falls
FLOOR_PERCENTILE = 5
TINY = 1e-6


class FrameErrors(NamedTuple):
    """Absolute errors of the decoders on a recording: mel `[T, n_channels]` in its units; pitch and
    loudness `[T]`, of relative contours; voicing `[T]`, minus the log-likelihood in nats; divergences `[T, 3]`, nats a
    frame; voiced and speech `[T]` bool."""

    mel: np.ndarray
    pitch: np.ndarray
    loudness: np.ndarray
    voicing: np.ndarray
    divergences: np.ndarray
    voiced: np.ndarray
    speech: np.ndarray


@dataclass(frozen=True, eq=False)
class Score:
    """frames: minus the ELBO of each, `[T]`, nats; nats: its mean over speech; z and percentile (0..100) among training
    recordings; deviations: of each of `NAMES`, in standard deviations of theirs; frame_levels: what 50, 95 and 99 % of
    the training frames lie below."""

    frames: np.ndarray
    nats: float
    z: float
    percentile: float
    deviations: dict[str, float]
    frame_levels: np.ndarray

    def words(self, n: int = 3) -> str:
        """What differs most from training speech, in words."""
        order = sorted(self.deviations, key=lambda name: -abs(self.deviations[name]))[:n]
        return ", ".join(f"{name} {self.deviations[name]:+.1f}" for name in order)


def score(coder: Coder, calibration: Calibration, frames: Frames) -> Score:
    """The score of a recording's frames.

    Raises:
        BundleError: the bundle was not calibrated, or by another version.
    """
    known = calibration.part("score")
    if known["mean"].shape != (len(NAMES),):
        raise BundleError(f"The bundle's calibration of score is another version's; {MAKE}.")
    missed = errors(coder, frames, coder.infer(frames))
    terms = minus_log_likelihoods(missed, known["mel_scale"], known["contour_scale"])
    deviation = (summary(missed, terms, frames, coder.config.n_mels) - known["mean"]) / known["std"]
    distance = mahalanobis(deviation, known["precision"])
    return Score(
        terms.sum(1),
        float(terms.sum(1)[missed.speech].mean()),
        float((np.log(distance) - known["log_distance"][0]) / known["log_distance"][1]),
        float(100 * np.interp(distance, known["distances"], QUANTILES)),
        dict(zip(NAMES, map(float, deviation), strict=True)),
        known["frame_levels"],
    )


def mahalanobis(deviation: np.ndarray, precision: np.ndarray) -> float:
    """Length of `deviation` `[D]` under a Gaussian of inverse covariance `precision` `[D, D]`."""
    return max(float(np.sqrt(deviation @ precision @ deviation)), TINY)


def errors(coder: Coder, frames: Frames, q: Posterior) -> FrameErrors:
    """Reconstruction errors of a recording whose posterior is `q`, and the cost of its latents."""
    mel, made = coder.reconstruct(q)
    own, n_frames = q.contours, len(frames)
    voiced = np.clip((made.voicing + 1) / 2, TINY, 1 - TINY)
    said = (own.voicing + 1) / 2
    costs = [
        np.full(n_frames, float(q.q_speaker.kl().sum()) / n_frames),
        np.repeat(q.prosody.kl().sum(1), coder.prosody_stride)[:n_frames] / coder.prosody_stride,
        np.repeat(q.content.kl().sum(1), coder.content_stride)[:n_frames] / coder.content_stride,
    ]
    return FrameErrors(
        np.abs(frames.mel - mel),
        np.abs(own.pitch - made.pitch),
        np.abs(own.loudness - made.loudness),
        -(said * np.log(voiced) + (1 - said) * np.log(1 - voiced)),
        np.stack(costs, 1),
        frames.voiced,
        q.speech,
    )


def minus_log_likelihoods(missed: FrameErrors, mel_scale: np.ndarray, contour_scale: np.ndarray) -> np.ndarray:
    """Each frame's `TERMS`, `[T, 7]` in nats.

    Args:
        mel_scale: of the Laplace distributions `[n_channels]`; contour_scale: likewise of log-F0 and loudness `[2]`.
    """
    mel = (missed.mel / mel_scale + np.log(2 * mel_scale)).sum(1)
    pitch_scale, loudness_scale = contour_scale
    pitch = (missed.pitch / pitch_scale + np.log(2 * pitch_scale)) * missed.voiced
    loudness = missed.loudness / loudness_scale + np.log(2 * loudness_scale)
    return np.concatenate(
        [np.stack([mel, pitch, loudness, missed.voicing], 1), missed.divergences], 1, dtype=np.float32
    )


def summary(missed: FrameErrors, terms: np.ndarray, frames: Frames, n_mels: int) -> np.ndarray:
    """`NAMES` of a recording, `[19]`: its terms' means over speech, F0's over voiced frames, and how it moves."""
    speech = missed.speech
    voiced = missed.voiced & speech
    means = terms[speech].mean(0)
    means[1] = terms[voiced, 1].mean() if voiced.any() else 0.0
    mel = frames.mel[speech][:, :n_mels]
    std = np.maximum(mel.std(0), TINY)
    error = missed.mel[speech][:, :n_mels].mean(1)
    loudness = frames.loudness_db / LOUDNESS_UNIT_DB
    together = speech[1:] & speech[:-1]
    bands = np.float64(DB_PER_NAT) * frames.mel[:, :n_mels] + frames.loudness_db[:, None]
    spoken = loudness[speech]
    moves = [
        error.mean() / std.mean(),
        np.percentile(error, 95) / max(error.mean(), TINY),
        _skewness(np.diff(loudness)[together]),
        _skewness(np.diff(bands, axis=0)[together]),
        np.log(std).mean(),
        _mean(np.abs(np.diff(frames.mel[:, :n_mels], axis=0))[together]),
        _mean(np.abs(np.diff(loudness))[together]),
        spoken.std(),
        np.percentile(spoken, 98) - np.percentile(spoken, 75),
        _mean(np.diff(frames.log_f0)[voiced[1:] & voiced[:-1]]),
        _onsets(loudness, frames.mel[:, :n_mels], speech),
        np.percentile(mel[:, n_mels // 2 :], FLOOR_PERCENTILE),
    ]
    return np.concatenate([means, moves])


def _skewness(values: np.ndarray) -> float:
    """Third moment about 0 over the second's 3/2 power; 0 for fewer than four or constant values."""
    power = float(np.mean(np.square(values, dtype=np.float64))) if values.size >= MIN_FRAMES else 0.0
    return float(np.mean(values.astype(np.float64) ** 3)) / power**1.5 if power > TINY**2 else 0.0


def _onsets(loudness: np.ndarray, mel: np.ndarray, speech: np.ndarray) -> float:
    """Correlation, over speech, of how loudness `[T]` changes with how bright the mel `[T, n_mels]` is meanwhile."""
    half = mel.shape[1] // 2
    bright = (mel[:, half:].mean(1) - mel[:, :half].mean(1))[ONSET_FRAMES // 2 : -ONSET_FRAMES // 2]
    both = speech[ONSET_FRAMES:] & speech[:-ONSET_FRAMES]
    change, bright = (loudness[ONSET_FRAMES:] - loudness[:-ONSET_FRAMES])[both], bright[both]
    if len(change) < MIN_FRAMES or min(change.std(), bright.std()) < TINY:
        return 0.0
    return float(np.corrcoef(change, bright)[0, 1])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else 0.0
