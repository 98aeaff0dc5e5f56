"""Measures of the conversions of a published evaluation: word errors, distortion and similarity.

WER, CER    errors of a recogniser against the text that was read, in percent, pooled over conversions
EER         of telling pairs of two real utterances of a target from pairs of a real and a converted one, by the
            cosine of a speaker encoder's embeddings; 50 % is perfect
MCD         mel-cepstral distortion from the target's own reading of the sentence, in dB, where there is one
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.code import Speaker
from voicevae.errors import AudioError
from voicevae.evaluation.bootstrap import interval
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics import mcd, recognition
from voicevae.evaluation.metrics.recognition import Errors
from voicevae.evaluation.metrics.similarity import equal_error_rate, mean_cosine
from voicevae.evaluation.metrics.whisper import Whisper, plain
from voicevae.evaluation.originals import fixed_frames
from voicevae.evaluation.report.protocols import Trial
from voicevae.speaker_encoder import Resemblyzer
from voicevae.voice import VoiceVAE


@dataclass(frozen=True)
class TrialOutcome:
    """What one trial gave; None where there is no text, no encoder, no reading.

    errors, source_errors: of the converted file and of its source; cosines: genuine and impostor.
    """

    target: str
    errors: Errors | None
    source_errors: Errors | None
    cosines: tuple[float, float] | None
    distortion_db: float | None


class Trials:
    """Does trials one by one; what is known of targets and of real utterances is kept."""

    def __init__(self, vv: VoiceVAE, recogniser: Whisper | None, encoder: Resemblyzer | None) -> None:
        self.vv, self.recogniser, self.encoder = vv, recogniser, encoder
        self._speakers: dict[str, Speaker] = {}
        self._embeddings: dict[Clip, np.ndarray] = {}
        self._known_errors: dict[Clip, Errors] = {}

    def do(self, trial: Trial, genuine: tuple[Clip, Clip]) -> TrialOutcome:
        """One trial, with a pair of real utterances of its target.

        Raises:
            AudioError: a recording cannot be used.
        """
        rate = self.vv.sample_rate
        wave = self.vv.convert(trial.source.load(rate), rate, voice=self._speaker(trial))
        errors = source_errors = cosines = distortion = None
        if self.recogniser is not None and plain(trial.source.text):
            errors = recognition.errors(
                trial.source.text, self.recogniser.transcribe(wave, rate, trial.source.language)
            )
            source_errors = self._source_errors(trial.source)
        if self.encoder is not None:
            one, two = (self._embedding(clip) for clip in genuine)
            cosines = mean_cosine(one, [two]), mean_cosine(one, [self.encoder.embed(wave, rate)])
        if trial.reading is not None:
            distortion = mcd.distortion_db(fixed_frames(wave, rate), fixed_frames(trial.reading.load(rate), rate))
        return TrialOutcome(trial.target, errors, source_errors, cosines, distortion)

    def _speaker(self, trial: Trial) -> Speaker:
        """The voice of all references, one after another."""
        if trial.target not in self._speakers:
            waves = [clip.load(self.vv.sample_rate) for clip in trial.references]
            self._speakers[trial.target] = self.vv.speaker(np.concatenate(waves), self.vv.sample_rate)
        return self._speakers[trial.target]

    def _source_errors(self, clip: Clip) -> Errors:
        assert self.recogniser is not None
        if clip not in self._known_errors:
            rate = self.vv.sample_rate
            self._known_errors[clip] = recognition.errors(
                clip.text, self.recogniser.transcribe(clip.load(rate), rate, clip.language)
            )
        return self._known_errors[clip]

    def _embedding(self, clip: Clip) -> np.ndarray:
        assert self.encoder is not None
        if clip not in self._embeddings:
            self._embeddings[clip] = self.encoder.embed(clip.load(self.vv.sample_rate), self.vv.sample_rate)
        return self._embeddings[clip]


def do_all(
    trials: Trials, each: Sequence[tuple[Trial, tuple[Clip, Clip]]], step: Callable[[], object]
) -> tuple[list[TrialOutcome], list[str]]:
    """Outcomes, and a sentence for every trial that could not be done; `step` is called after each."""
    done, failed = [], []
    for trial, genuine in each:
        try:
            done.append(trials.do(trial, genuine))
        except AudioError as error:
            failed.append(f"{trial.source.id} to {trial.target}: {error}")
        step()
    return done, failed


def evaluate(outcomes: Sequence[TrialOutcome], seed: int = 0) -> dict[str, Any]:
    """wer, cer, wer_source, cer_source, eer (percent) and mcd (dB), None where not measured, with their intervals by
    bootstrap over target speakers; conversions, transcribed, targets: how many."""
    names = sorted({one.target for one in outcomes})
    groups = [[one for one in outcomes if one.target == name] for name in names]
    transcribed = [
        [[*one.errors, *one.source_errors] for one in own if one.errors and one.source_errors] for own in groups
    ]
    cosines = [[one.cosines for one in own if one.cosines is not None] for own in groups]
    distortions = [[one.distortion_db for one in own if one.distortion_db is not None] for own in groups]
    found: dict[str, Any] = {
        "conversions": len(outcomes),
        "transcribed": sum(map(len, transcribed)),
        "targets": len(names),
    }
    for name, wrong in (("wer", 0), ("cer", 2), ("wer_source", 4), ("cer_source", 6)):
        _measure(found, name, transcribed, lambda drawn, wrong=wrong: _percent(drawn, wrong), seed)
    _measure(found, "eer", cosines, _eer, seed)
    _measure(found, "mcd", distortions, lambda drawn: float(np.mean([own.mean() for own in drawn])), seed)
    return found


def _measure(found: dict[str, Any], name: str, groups: Sequence[Sequence[Any]], statistic: Any, seed: int) -> None:
    kept = [np.array(own, float) for own in groups if own]
    found[name] = float(statistic(kept)) if kept else None
    found[f"{name}_interval"] = interval(kept, statistic, seed) if kept else None


def _percent(groups: Sequence[np.ndarray], wrong: int) -> float:
    """Errors in column `wrong` over how many in the next."""
    together = np.concatenate(list(groups))
    return float(100 * together[:, wrong].sum() / together[:, wrong + 1].sum())


def _eer(groups: Sequence[np.ndarray]) -> float:
    together = np.concatenate(list(groups))
    return equal_error_rate(together[:, 0], together[:, 1])
