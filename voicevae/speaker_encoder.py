"""The speaker encoder that similarity is measured with: Resemblyzer's, a GE2E network (Wan et al., 2018)."""

import warnings

import numpy as np

from voicevae.threads import limited

MIN_TRIMMED_S = 0.3
RATE = 16000


class Resemblyzer:
    """Resemblyzer's speaker encoder. Raises ImportError where the package is not installed."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its dependencies' own deprecations
            import resemblyzer
        self._encoder = resemblyzer.VoiceEncoder("cpu", verbose=False)
        self._preprocess = resemblyzer.preprocess_wav

    def embed(self, wave: np.ndarray, sample_rate: int) -> np.ndarray:
        """Embedding `[256]`, of length 1, of `wave` `[n]` at `sample_rate` Hz, scaled where it goes beyond +-1."""
        wave = wave / max(float(np.abs(wave).max()) / 0.99, 1.0)
        trimmed = self._preprocess(wave, sample_rate)
        if len(trimmed) < MIN_TRIMMED_S * RATE:  # nothing was taken for speech
            import librosa

            trimmed = librosa.resample(wave, orig_sr=sample_rate, target_sr=RATE)
        with limited(1):  # too little work to share
            return self._encoder.embed_utterance(trimmed)
