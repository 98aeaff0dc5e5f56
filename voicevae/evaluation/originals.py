"""Features and embeddings of recordings, made once each."""

import numpy as np
import soxr

from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics import pitch, similarity
from voicevae.evaluation.pairs import Pair
from voicevae.features import FeatureConfig, Frames, extract
from voicevae.speaker_encoder import Resemblyzer
from voicevae.voice import VoiceVAE

FEATURES = FeatureConfig()  # of all metrics, whatever a bundle's own features are


def fixed_frames(wave: np.ndarray, sample_rate: int) -> Frames:
    """Features of `wave` `[n]`, the same for bundles of all kinds: at 16 kHz, 80 frames a second."""
    if sample_rate != FEATURES.sample_rate:
        wave = soxr.resample(wave, sample_rate, FEATURES.sample_rate)
    return extract(wave, FEATURES)


class Originals:
    """Features and embeddings of clips, kept; `encoder` None embeds nothing."""

    def __init__(self, vv: VoiceVAE, encoder: Resemblyzer | None) -> None:
        self.encoder, self._rate = encoder, vv.sample_rate
        self._frames: dict[Clip, Frames] = {}
        self._embeddings: dict[Clip, np.ndarray] = {}

    def frames(self, clip: Clip) -> Frames:
        """`fixed_frames` features of a clip."""
        if clip not in self._frames:
            self._frames[clip] = fixed_frames(clip.load(self._rate), self._rate)
        return self._frames[clip]

    def mean_log_f0(self, *clips: Clip) -> float:
        """Mean log-F0 in ln Hz over the voiced frames of all clips."""
        return pitch.mean_log_f0([pitch.track(self.frames(clip)) for clip in clips])

    def scores(self, pair: Pair, wave: np.ndarray) -> similarity.Scores | None:
        """The cosines of a pair, `wave` `[n]` being what was made of it; None without an encoder."""
        if self.encoder is None:
            return None
        others = [self._embedding(self.encoder, clip) for clip in pair.others]
        compared = (
            self.encoder.embed(wave, self._rate),
            self._embedding(self.encoder, pair.source),
            self._embedding(self.encoder, pair.held_out),
        )
        return similarity.Scores(pair.target, *(similarity.mean_cosine(e, others) for e in compared))

    def _embedding(self, encoder: Resemblyzer, clip: Clip) -> np.ndarray:
        if clip not in self._embeddings:
            self._embeddings[clip] = encoder.embed(clip.load(self._rate), self._rate)
        return self._embeddings[clip]
