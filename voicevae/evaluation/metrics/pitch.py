"""F0 error: measured against requested F0.

Requested and measured F0 lie on the same frames. Differences are in cents (1/100 semitone) or semitones, and are taken
over frames voiced in both; voicing agreement is the share of all frames with the same decision. F0 is measured by
swift-f0 on both sides, so an error that the detector makes twice is not seen.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from voicevae.features import VOICED, FeatureConfig, Frames
from voicevae.features.prosody import f0
from voicevae.units import SEMITONES_PER_NAT

CENTS = 1200 / np.log(2)
WIDE_CENTS = 50.0
MIN_FRAMES = 10


class Track(NamedTuple):
    """F0 of a recording: log_f0 `[T]` in ln Hz, voiced `[T]` bool."""

    log_f0: np.ndarray
    voiced: np.ndarray

    def shifted(self, semitones: float) -> "Track":
        """The track that a pitch edit asks for."""
        return Track(self.log_f0 + semitones / SEMITONES_PER_NAT, self.voiced)


def track(frames: Frames) -> Track:
    """F0 of features."""
    return Track(frames.log_f0, frames.voiced)


def measure(wave: np.ndarray, config: FeatureConfig) -> Track:
    """F0 of `wave` `[n]` at `config.sample_rate`."""
    log_f0, voicing = f0(wave, config)
    return Track(log_f0, voicing >= VOICED)


def validate(requested: Track, measured: Track) -> None:
    """Raise ValueError unless both tracks are finite and have the same frames."""
    shapes = {np.shape(part) for part in (*requested, *measured)}
    if len(shapes) != 1 or len(shapes.pop()) != 1:
        raise ValueError("Requested and measured F0 and voicing must all have the same shape [T].")
    if not (np.isfinite(requested.log_f0).all() and np.isfinite(measured.log_f0).all()):
        raise ValueError("F0 must be finite.")


def errors_cents(requested: Track, measured: Track) -> np.ndarray:
    """abs(measured - requested) in cents over the frames voiced in both, `[n]`."""
    validate(requested, measured)
    both = requested.voiced & measured.voiced
    return CENTS * np.abs(measured.log_f0 - requested.log_f0)[both]


def voicing_agreement(requested: Track, measured: Track) -> float:
    """Share of frames, 0..1, that are voiced in both or in neither."""
    validate(requested, measured)
    return float(np.mean(requested.voiced == measured.voiced))


def correlation(source: Track, converted: Track) -> float:
    """Pearson correlation of log-F0 over the frames voiced in both, -1..1; NaN for fewer than ten or a constant."""
    validate(source, converted)
    both = source.voiced & converted.voiced
    x, y = source.log_f0[both].astype(np.float64), converted.log_f0[both].astype(np.float64)
    if len(x) < MIN_FRAMES or min(np.ptp(x), np.ptp(y)) < 1e-6:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def mean_log_f0(tracks: Sequence[Track]) -> float:
    """Mean log-F0 in ln Hz over all voiced frames of `tracks`; NaN where there is none."""
    voiced = np.concatenate([track.log_f0[track.voiced] for track in tracks])
    return float(voiced.mean()) if len(voiced) else float("nan")


def evaluate(pairs: Sequence[tuple[Track, Track]]) -> dict[str, float]:
    """Errors of all (requested, measured), their frames pooled.

    Returns:
        median_cents, p95_cents; share_over_50_cents and voicing_agreement, 0..1.
    """
    errors = np.concatenate([errors_cents(*pair) for pair in pairs])
    agreement = np.concatenate([requested.voiced == measured.voiced for requested, measured in pairs])
    empty = not len(errors)
    return {
        "median_cents": float("nan") if empty else float(np.median(errors)),
        "p95_cents": float("nan") if empty else float(np.percentile(errors, 95)),
        "share_over_50_cents": float("nan") if empty else float(np.mean(errors > WIDE_CENTS)),
        "voicing_agreement": float(agreement.mean()),
    }
