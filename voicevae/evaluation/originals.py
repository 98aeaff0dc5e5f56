"""What is measured on recordings, once each."""

from collections.abc import Sequence

import numpy as np

from voicevae.evaluation import content, pitch, similarity
from voicevae.evaluation.cepstra import judged
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.pairs import Pair
from voicevae.features import Frames
from voicevae.voice import VoiceVAE


class Originals:
    """Features and embeddings of clips, kept; `judge` None embeds nothing."""

    def __init__(self, vv: VoiceVAE, judge: similarity.Judge | None) -> None:
        self.judge, self._rate = judge, vv.sample_rate
        self._frames: dict[Clip, Frames] = {}
        self._embeddings: dict[Clip, np.ndarray] = {}

    def frames(self, clip: Clip) -> Frames:
        """`judged` features of a clip."""
        if clip not in self._frames:
            self._frames[clip] = judged(clip.load(self._rate), self._rate)
        return self._frames[clip]

    def mean_log_f0(self, *clips: Clip) -> float:
        """Mean log-F0 in ln Hz over the voiced frames of all clips."""
        return pitch.mean_log_f0([pitch.track(self.frames(clip)) for clip in clips])

    def scores(self, pair: Pair, wave: np.ndarray) -> similarity.Scores | None:
        """The cosines of a pair, `wave` `[n]` being what was made of it; None without a judge."""
        if self.judge is None:
            return None
        others = [self._embedding(self.judge, clip) for clip in pair.others]
        compared = (
            self.judge.embed(wave, self._rate),
            self._embedding(self.judge, pair.source),
            self._embedding(self.judge, pair.held_out),
        )
        return similarity.Scores(pair.target, *(similarity.mean_cosine(e, others) for e in compared))

    def content_distance(self, source: Clip, other: Clip | Frames) -> float:
        """`content.distance` of two clips, or of one and what was made of it; NaN where there is too little speech."""
        both = (self.frames(source), other if isinstance(other, Frames) else self.frames(other))
        moved = [content.movement(frames) for frames in both]
        if min(map(len, moved)) < content.MIN_STEPS:
            return float("nan")
        return content.distance(*moved)

    def _embedding(self, judge: similarity.Judge, clip: Clip) -> np.ndarray:
        if clip not in self._embeddings:
            self._embeddings[clip] = judge.embed(clip.load(self._rate), self._rate)
        return self._embeddings[clip]


def finite(groups: Sequence[Sequence[float]]) -> list[np.ndarray]:
    """The finite values of each group, without the groups that have none."""
    arrays = [np.asarray(group, float) for group in groups]
    return [kept for array in arrays if len(kept := array[np.isfinite(array)])]
