"""What is known of a speaker who has not spoken yet: the values of the bundle's corpus."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from voicevae.bundle import Bundle
from voicevae.code import Register
from voicevae.coder import Coder

# The content of frames drawn from the corpus' Gaussian, with this correlation from one to the next, has the mean and
# the standard deviation of that of speech, within what recordings differ by.
DRAWN_FRAMES, CORRELATION = 3200, 0.95


@dataclass(frozen=True, eq=False)
class Corpus:
    """Normalisation statistics of a bundle.

    register: mean of log-F0 over speakers, and mean of its standard deviations, ln Hz. mel_mean `[n_channels]`,
    mel_cov `[n_channels, n_channels]`: nats.
    """

    coder: Coder
    register: Register
    mel_mean: np.ndarray
    mel_cov: np.ndarray

    @staticmethod
    def of(coder: Coder, parts: Bundle) -> "Corpus":
        """That of the bundle `parts`."""
        weights = parts.weights["vae"]
        mean, std = weights["statistics_mean"][:2]
        return Corpus(coder, Register(float(mean), float(std)), weights["mel_mean"], weights["mel_cov"])

    @cached_property
    def content(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean `[D_c]` and covariance `[D_c, D_c]` of z_c before its normalisation."""
        drawn = np.random.default_rng(0).standard_normal((DRAWN_FRAMES, len(self.mel_cov)))
        drawn[1:] *= np.sqrt(1 - CORRELATION**2)
        for before, frame in zip(drawn, drawn[1:], strict=False):
            frame += CORRELATION * before
        values, vectors = np.linalg.eigh(self.mel_cov.astype(np.float64))
        mel = (drawn * np.sqrt(np.maximum(values, 0))) @ vectors.T
        found = self.coder.networks.encode_content(mel.astype(np.float32)).mean
        return found.mean(0), np.cov(found.T)
