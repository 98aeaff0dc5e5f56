"""Convert pairs, and measure each: similarity to the target, its register, and the source's intonation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation import pitch, similarity
from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.pairs import Pair
from voicevae.voice import VoiceVAE

WITHIN_SEMITONES = 2.0


@dataclass(frozen=True)
class Conversion:
    """What one pair gave.

    scores: None without a judge. correlation: log-F0 of source and converted, -1..1. The offsets are of mean log-F0, in
    semitones: converted from the target's other utterances, converted from the reference, and, as the scale, the
    held-out utterance from the others.
    """

    pair: Pair
    scores: similarity.Scores | None
    correlation: float
    offset: float
    offset_reference: float
    offset_held_out: float


class Originals:
    """What is measured on recordings, once each."""

    def __init__(self, vv: VoiceVAE, judge: similarity.Judge | None) -> None:
        self._rate, self._config, self._judge = vv.sample_rate, vv.config, judge
        self._tracks: dict[Clip, pitch.Track] = {}
        self._embeddings: dict[Clip, np.ndarray] = {}

    def track(self, clip: Clip) -> pitch.Track:
        """F0 of a clip."""
        if clip not in self._tracks:
            self._tracks[clip] = pitch.measure(clip.load(self._rate), self._config)
        return self._tracks[clip]

    def mean_log_f0(self, *clips: Clip) -> float:
        """Mean log-F0 in ln Hz over the voiced frames of all clips."""
        return pitch.mean_log_f0([self.track(clip) for clip in clips])

    def scores(self, pair: Pair, converted: np.ndarray) -> similarity.Scores | None:
        """The cosines of a pair; None without a judge."""
        if self._judge is None:
            return None
        others = [self._embedding(clip) for clip in pair.others]
        compared = (
            self._judge.embed(converted, self._rate),
            self._embedding(pair.source),
            self._embedding(pair.held_out),
        )
        return similarity.Scores(pair.target, *(similarity.mean_cosine(e, others) for e in compared))

    def _embedding(self, clip: Clip) -> np.ndarray:
        assert self._judge is not None
        if clip not in self._embeddings:
            self._embeddings[clip] = self._judge.embed(clip.load(self._rate), self._rate)
        return self._embeddings[clip]


def convert_pair(vv: VoiceVAE, pair: Pair, seed: int = 0) -> np.ndarray:
    """The source's clip in the voice of the reference, `[n]`."""
    rate = vv.sample_rate
    return vv.convert(pair.source.load(rate), rate, voice=pair.reference.load(rate), seed=seed)


def convert_all(
    vv: VoiceVAE, pairs: Sequence[Pair], judge: similarity.Judge | None, step: Callable[[], object]
) -> tuple[list[Conversion], list[str]]:
    """Conversions, and one sentence for every pair that could not be converted; `step` is called after each."""
    originals, done, failed = Originals(vv, judge), [], []
    for pair in pairs:
        try:
            done.append(_measure(vv, pair, convert_pair(vv, pair), originals))
        except AudioError as error:
            failed.append(f"{pair.source.id} to {pair.reference.id}: {error}")
        step()
    return done, failed


def evaluate(conversions: Sequence[Conversion], seed: int = 0) -> dict[str, Any]:
    """All about the conversions of one or several corpora.

    Returns:
        similarity (see `similarity.evaluate`) or None; correlation, -1..1, the mean over target speakers, its interval,
        and how many were undefined; within_2_semitones, 0..1, of the target's other utterances, its interval, the same
        of the reference, and of the held-out utterance.
    """
    groups = by_target(conversions)
    scores = [c.scores for c in conversions if c.scores is not None]
    correlations = [_finite([c.correlation for c in own]) for own in groups]
    correlations = [values for values in correlations if len(values)]
    near = _near(groups, "offset")
    return {
        "similarity": similarity.evaluate(scores, seed) if scores else None,
        "correlation": mean_of_means(correlations) if correlations else float("nan"),
        "correlation_interval": interval(correlations, mean_of_means, seed) if correlations else None,
        "correlation_undefined": int(np.isnan([c.correlation for c in conversions]).sum()),
        "within_2_semitones": mean_of_means(near),
        "within_2_semitones_interval": interval(near, mean_of_means, seed),
        "within_2_semitones_of_reference": mean_of_means(_near(groups, "offset_reference")),
        "within_2_semitones_held_out": mean_of_means(_near(groups, "offset_held_out")),
    }


def by_target(conversions: Sequence[Conversion]) -> list[list[Conversion]]:
    """Conversions grouped by target speaker."""
    names = sorted({c.pair.target for c in conversions})
    return [[c for c in conversions if c.pair.target == name] for name in names]


def _measure(vv: VoiceVAE, pair: Pair, converted: np.ndarray, originals: Originals) -> Conversion:
    track = pitch.measure(converted, vv.config)
    own, others = pitch.mean_log_f0([track]), originals.mean_log_f0(*pair.others)
    return Conversion(
        pair,
        originals.scores(pair, converted),
        pitch.correlation(originals.track(pair.source), track),
        pitch.SEMITONES * (own - others),
        pitch.SEMITONES * (own - originals.mean_log_f0(pair.reference)),
        pitch.SEMITONES * (originals.mean_log_f0(pair.held_out) - others),
    )


def _near(groups: Sequence[Sequence[Conversion]], offset: str) -> list[np.ndarray]:
    return [np.abs([getattr(c, offset) for c in own]) <= WITHIN_SEMITONES for own in groups]


def _finite(values: Sequence[float]) -> np.ndarray:
    array = np.array(values, float)
    return array[np.isfinite(array)]
