"""Mel-cepstral distortion (MCD) between two readings of one sentence: how far are the spectra, in dB?

The root mean square over frequency of the difference of two smoothed log spectra without their level, here by the first
24 mel-cepstra of the harmonic-free mel (Kubichek, 1993), its mean over the speech frames, aligned in time.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.cepstra import BANDS, aligned, cepstra, speech
from voicevae.features import Frames

CEPSTRA = 24
DB_PER_NAT = 10 / np.log(10)  # of power


def validate(a: Frames, b: Frames) -> None:
    """Raise ValueError unless both are finite and hold `cepstra.judged` frames."""
    if not len(a) or not len(b) or min(a.mel.shape[1], b.mel.shape[1]) < BANDS:
        raise ValueError(f"Give frames with {BANDS} mel bands.")
    if not (np.isfinite(a.mel).all() and np.isfinite(b.mel).all()):
        raise ValueError("Mels must be finite.")


def distortion_db(a: Frames, b: Frames) -> float:
    """MCD of two recordings in dB; 0 for the same."""
    validate(a, b)
    x, y = (cepstra(frames, CEPSTRA)[speech(frames)] for frames in (a, b))
    return float(DB_PER_NAT * aligned(x, y).mean() / np.sqrt(BANDS))


def evaluate(distortions: Sequence[np.ndarray], seed: int = 0) -> dict[str, Any]:
    """mean_db and mean_db_interval of distortions `[n]`, one array a target speaker."""
    return {"mean_db": mean_of_means(distortions), "mean_db_interval": interval(distortions, mean_of_means, seed)}
