"""Checks of frames that a caller made, before they become noise, NaN or silence."""

import math

import numpy as np

from voicevae.errors import VoiceVAEError
from voicevae.features.prosody import VOICED

CONTOURS = ("log_f0", "voicing", "loudness_db")
HIGHEST_LOG_F0 = math.log(20000.0)  # larger values are Hz


def check_frames(mel: np.ndarray, contours: np.ndarray, n_channels: int) -> None:
    """Raise VoiceVAEError unless a vocoder can synthesise these frames; the sentence names the field.

    Args:
        mel: `[T, n_channels]`.
        contours: `[T, 3]`: log-F0 (ln Hz, interpolated where unvoiced), voicing (0..1), loudness (dB).
        n_channels: of the mel that the vocoder reads.
    """
    if mel.ndim != 2 or mel.shape[1] != n_channels or len(mel) == 0:
        raise VoiceVAEError(
            f"mel has shape {list(mel.shape)}; give [frames, {n_channels}], as many bands as the vocoder reads."
        )
    if contours.ndim != 2 or contours.shape[1] != len(CONTOURS):
        raise VoiceVAEError(f"contours have shape {list(contours.shape)}; give [frames, 3]: {', '.join(CONTOURS)}.")
    if len(mel) != len(contours):
        raise VoiceVAEError(f"mel has {len(mel)} frames and F0 has {len(contours)}; give as many of each.")
    log_f0, voiced = contours[:, 0], contours[:, 1] >= VOICED
    silent = voiced & (log_f0 == -np.inf)
    if silent.any():
        raise VoiceVAEError(
            f"F0 is 0 Hz in frame {_first(silent)}, which is voiced; give F0 above 0 or voicing 0 there."
        )
    for name, values in (("mel", mel), *zip(CONTOURS, contours.T, strict=True)):
        if not (math.isfinite(values.min()) and math.isfinite(values.max())):
            wrong = ~np.isfinite(values)
            frame = _first(wrong.any(1) if wrong.ndim == 2 else wrong)
            raise VoiceVAEError(f"{name} holds NaN or infinity, first in frame {frame}; repair it.")
    if voiced.any() and (middle := float(np.median(log_f0[voiced]))) > HIGHEST_LOG_F0:
        raise VoiceVAEError(f"log_f0 is about {middle:.0f}; give the natural logarithm of Hz.")


def _first(where: np.ndarray) -> int:
    return int(np.flatnonzero(where)[0])
