"""Character error rates of round trips and pitch edits, by a recogniser, and what it adds by itself.

CER        character errors against the text that was read, over its characters, at most 1 a sentence: a recogniser
           that loops is no worse than an empty transcript
CER added  that of what was made, less that of its source

Both are means over sentences, with intervals by bootstrap over the speakers of the sources. Where a recording has no
text, the transcript of the source itself stands for it, and the source counts as free of errors. Conversions of the
same pairs are transcribed by `voicevae.evaluation.report.curve`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation.bootstrap import interval
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics.whisper import Whisper, plain
from voicevae.evaluation.pairs import grouped
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import Target, target
from voicevae.voice import VoiceVAE

EDITS: dict[str, Mapping[str, Any]] = {
    "a round trip": {},
    "+4 semitones": {"pitch_semitones": 4.0},
    "-4 semitones": {"pitch_semitones": -4.0},
}
CONTROL, NOISE_DB = "noise at -50 dB", -50.0  # below the recording's peak, where nobody hears it
MADE = (*EDITS, CONTROL)
SOURCES, ADDED = "CER of sources", "CER added by {}"


class Errors(NamedTuple):
    """Errors of one recording, and of how many: words and characters."""

    words: int
    of_words: int
    characters: int
    of_characters: int

    @property
    def cer(self) -> float:
        """Character error rate, 0..1."""
        return min(self.characters / self.of_characters, 1.0)


@dataclass(frozen=True)
class ClipErrors:
    """Character error rates 0..1 of one source, and by name of what was made of it."""

    clip: Clip
    source: float
    made: Mapping[str, float]


@dataclass
class Transcriber:
    """Compares transcripts with what was read; the transcripts of recordings are kept."""

    whisper: Whisper
    _read: dict[Clip, tuple[str, float]] = field(default_factory=dict)

    def source(self, clip: Clip, wave: np.ndarray, sample_rate: int) -> float:
        """CER of a recording `wave` `[n]`; 0 where it has no text."""
        if clip not in self._read:
            transcript = self.whisper.transcribe(wave, sample_rate, clip.language)
            text = plain(clip.text)
            self._read[clip] = (text, errors(text, transcript).cer) if text else (transcript, 0.0)
        return self._read[clip][1]

    def made(self, clip: Clip, wave: np.ndarray, sample_rate: int) -> float:
        """CER of a sound `wave` `[n]` made from a recording that was given to `source` before."""
        text = self._read[clip][0]
        transcript = self.whisper.transcribe(wave, sample_rate, clip.language)
        return errors(text, transcript).cer if text else float(bool(transcript))


def validate(text: str) -> None:
    """Raise ValueError unless `text` holds words."""
    if not plain(text):
        raise ValueError(f"{text!r} holds no words.")


def errors(text: str, transcript: str) -> Errors:
    """Substitutions, deletions and insertions that turn `text` into `transcript`; case and punctuation do not count."""
    import jiwer

    validate(text)
    read, said = plain(text), plain(transcript)
    words, characters = jiwer.process_words(read, said), jiwer.process_characters(read, said)
    wrong = [found.substitutions + found.deletions + found.insertions for found in (words, characters)]
    return Errors(wrong[0], len(read.split()), wrong[1], len(read))


def clip_errors(vv: VoiceVAE, clip: Clip, transcriber: Transcriber) -> ClipErrors:
    """The CER of a recording, of its round trip and pitch edits, and of itself with a little noise.

    What the noise adds is the recogniser's unsteadiness: no round trip can be held to less.

    Raises:
        AudioError: the recording cannot be used.
    """
    rate = vv.sample_rate
    wave = clip.load(rate)
    source, code = transcriber.source(clip, wave, rate), vv.encode(wave, rate)
    made = {name: transcriber.made(clip, vv.decode(code.edit(**edits)), rate) for name, edits in EDITS.items()}
    noise = 10 ** (NOISE_DB / 20) * np.abs(wave).max() * np.random.default_rng(0).standard_normal(len(wave))
    made[CONTROL] = transcriber.made(clip, wave + noise.astype(np.float32), rate)
    return ClipErrors(clip, source, made)


def evaluate(measured: Sequence[ClipErrors], seed: int = 0) -> dict[str, Any]:
    """Means over sentences, 0..1.

    Returns:
        sentences, untold (those without a text); source and source_interval; added and interval, by what was made.
    """
    if not measured:
        raise ValueError("Give at least one sentence.")
    names = sorted({one.clip.speaker for one in measured})
    groups = [np.array([[h.source, *h.made.values()] for h in measured if h.clip.speaker == name]) for name in names]
    found: dict[str, Any] = {
        "sentences": len(measured),
        "untold": sum(not plain(one.clip.text) for one in measured),
        "source": _mean(groups, 0),
        "source_interval": interval(groups, lambda drawn: _mean(drawn, 0), seed),
        "added": {},
        "interval": {},
    }
    for i, name in enumerate(measured[0].made, 1):
        found["added"][name] = _added(groups, i)
        found["interval"][name] = interval(groups, partial(_added, column=i), seed)
    return found


def rows(group: str, found: Mapping[str, Any], headline: bool, whisper: str) -> list[Row]:
    """Rows of `evaluate` of a group of sentences; targets stand in those of the headline."""
    on = f"{group}, {found['sentences']} sentences; Whisper {whisper}"
    beside = f"{found['untold']} without a text: the transcript of the source stands for it" if found["untold"] else ""
    sources = Row(
        f"{group}: {SOURCES}", found["source"], "", found["source_interval"], beside=beside, better="lower", on=on
    )
    return [sources] + [
        Row(
            f"{group}: {ADDED.format(name)}",
            added,
            interval=found["interval"][name],
            **(target(ADDED.format(name)) if headline and name in EDITS else Target()),
            better="lower",
            on=on,
        )
        for name, added in found["added"].items()
    ]


def steps(study: Study) -> int:
    """Pairs in a language that the recogniser knows; none without a recogniser."""
    whisper = study.recogniser
    if isinstance(whisper, str):
        return 0
    return sum(len(pairs) for language, pairs in study.across.items() if whisper.knows(language))


def run(study: Study) -> None:
    """Add rows of the CER of sources across corpora, their copies and pitch edits, by language and by corpus."""
    if isinstance(study.recogniser, str):
        names = [SOURCES, *(ADDED.format(name) for name in MADE)]
        study.report.add("words", None, [absent(name, study.recogniser) for name in names])
        return
    transcriber = Transcriber(study.recogniser)
    measured: dict[str, list[ClipErrors]] = {}
    for language, pairs in study.across.items():
        measured[language] = []
        for pair in pairs if transcriber.whisper.knows(language) else []:
            try:
                measured[language].append(clip_errors(study.vv, pair.source, transcriber))
            except AudioError as error:
                study.report.skipped.append(f"{pair.source.id}: {error}")
            study.step()
    groups = grouped(measured, lambda one: one.clip.corpus)
    found = {name: evaluate(own, study.plan.seed) for name, own in groups.items()}
    first = next(iter(found), "")
    study.report.add(
        "words",
        found,
        [row for name, one in found.items() for row in rows(name, one, name == first, transcriber.whisper.name)],
    )


def _mean(groups: Sequence[np.ndarray], column: int) -> float:
    return float(np.concatenate(list(groups))[:, column].mean())


def _added(groups: Sequence[np.ndarray], column: int) -> float:
    return _mean(groups, column) - _mean(groups, 0)
