"""Words: does a recogniser still find them?

dWER, dCER  word and character errors in percent, against the text that was read, of the converted file less those
            of its source; pooled over recordings
chosen      share of recordings whose sentence the recogniser tells from nineteen others of the corpus: a weak
            recogniser, wrong in most free words, still does this nearly always on the source, so this figure tells
            more than its dWER
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics.conversion import KEPT
from voicevae.evaluation.metrics.recogniser import Recogniser, plain
from voicevae.evaluation.pairs import Conversion
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.table import PERCENT, Row, absent, percent

CHOICES = 20
PAIRS, QUICK_PAIRS = 30, 8
WEAK_WER = 50.0
FIGURES = ("dCER, converted less source", "dWER, converted less source", "sentence told from others by a recogniser")


class Errors(NamedTuple):
    """Errors of one recording, and of how many: words and characters."""

    words: int
    of_words: int
    characters: int
    of_characters: int


class Heard(NamedTuple):
    """What was heard of one pair: errors, and whether the sentence was chosen, of source and converted file."""

    target: str
    source: Errors
    converted: Errors
    source_chosen: bool
    converted_chosen: bool


def validate(text: str) -> None:
    """Raise ValueError unless `text` holds words."""
    if not plain(text):
        raise ValueError(f"{text!r} holds no words.")


def errors(text: str, heard: str) -> Errors:
    """Substitutions, deletions and insertions that turn `text` into what was `heard`; case and punctuation are none."""
    import jiwer

    validate(text)
    read, said = plain(text), plain(heard)
    words, characters = jiwer.process_words(read, said), jiwer.process_characters(read, said)
    wrong = [found.substitutions + found.deletions + found.insertions for found in (words, characters)]
    return Errors(wrong[0], len(read.split()), wrong[1], len(read))


def choices(clip: Clip, clips: Sequence[Clip], seed: int) -> list[str]:
    """Twenty different sentences, that of `clip` first and the others drawn from `clips`; fewer where there are not."""
    own = plain(clip.text)
    others = sorted({plain(other.text) for other in clips} - {own, ""})
    drawn = np.random.default_rng(seed).permutation(len(others))[: CHOICES - 1]
    return [own, *(others[i] for i in drawn)]


def evaluate(heard: Sequence[Heard], seed: int = 0) -> dict[str, Any]:
    """All about the pairs.

    Returns:
        pairs; wer_source, cer_source, dwer, dcer, percent; chosen_source, chosen, 0..1; intervals of dwer, dcer and
        chosen, by bootstrap over target speakers.
    """
    names = sorted({one.target for one in heard})
    groups = [np.array([[*h.source, *h.converted] for h in heard if h.target == name], float) for name in names]
    chosen = [np.array([h.converted_chosen for h in heard if h.target == name], float) for name in names]
    return {
        "pairs": len(heard),
        "wer_source": _percent(groups, 0, 1),
        "cer_source": _percent(groups, 2, 3),
        "dwer": _dwer(groups),
        "dwer_interval": interval(groups, _dwer, seed),
        "dcer": _dcer(groups),
        "dcer_interval": interval(groups, _dcer, seed),
        "chosen_source": float(np.mean([h.source_chosen for h in heard])),
        "chosen": mean_of_means(chosen),
        "chosen_interval": interval(chosen, mean_of_means, seed),
    }


def _percent(groups: Sequence[np.ndarray], wrong: int, of: int) -> float:
    together = np.concatenate(list(groups))
    return float(100 * together[:, wrong].sum() / together[:, of].sum())


def _dwer(groups: Sequence[np.ndarray]) -> float:
    return _percent(groups, 4, 5) - _percent(groups, 0, 1)


def _dcer(groups: Sequence[np.ndarray]) -> float:
    return _percent(groups, 6, 7) - _percent(groups, 2, 3)


def steps(study: Study) -> int:
    if isinstance(study.recogniser, str):
        return 0
    usable = [p for own in study.pairs.values() for p in own[:KEPT] if _usable(p.source, study.recogniser)]
    return min(len(usable), study.plan.of(PAIRS, QUICK_PAIRS))


def run(study: Study) -> None:
    recogniser = study.recogniser
    if isinstance(recogniser, str):
        study.report.add("words", None, [absent(figure, recogniser) for figure in FIGURES])
        return
    done = [c for own in study.done.values() for c in own if c.wave is not None and _usable(c.pair.source, recogniser)]
    done = done[: study.plan.of(PAIRS, QUICK_PAIRS)]
    try:
        heard = [_hear(study, recogniser, one) for one in done]
    except ImportError as error:
        study.report.add("words", None, [absent(figure, missing(error)) for figure in FIGURES])
        return
    if not heard:
        why = f"no source has a text in a language that {study.plan.recogniser} knows"
        study.report.add("words", None, [absent(figure, why) for figure in FIGURES])
        return
    found = evaluate(heard, study.plan.seed)
    study.report.add("words", found, rows(found, study.plan.recogniser))


def rows(found: dict[str, Any], name: str) -> list[Row]:
    """Rows of `evaluate` by the recogniser `name`."""
    pairs = f"{name}, {found['pairs']} pairs"
    weak = "; too weak to say much" if found["wer_source"] > WEAK_WER else ""
    characters, words, chosen = FIGURES
    return [
        Row(
            characters,
            found["dcer"],
            "points",
            found["dcer_interval"],
            at_most=10,
            beside=f"source {found['cer_source']:.0f} %; {pairs}{weak}",
        ),
        Row(
            words,
            found["dwer"],
            "points",
            found["dwer_interval"],
            beside=f"source {found['wer_source']:.0f} %{weak}",
            better="lower",
        ),
        Row(
            chosen,
            PERCENT * found["chosen"],
            "%",
            percent(found["chosen_interval"]),
            beside=f"source {PERCENT * found['chosen_source']:.0f} %; one of {CHOICES}",
            better="higher",
        ),
    ]


def _usable(source: Clip, recogniser: Recogniser) -> bool:
    known = not recogniser.language or not source.language or source.language[:2] == recogniser.language
    return known and bool(plain(source.text))


def _hear(study: Study, recogniser: Recogniser, done: Conversion) -> Heard:
    assert done.wave is not None
    rate, source = study.vv.sample_rate, done.pair.source
    sentences = choices(source, _same_corpus(source, study.clips), study.plan.seed)
    waves = (source.load(rate), done.wave)
    errors = [errors(source.text, recogniser.transcribe(wave, rate)) for wave in waves]
    chosen = [recogniser.choose(wave, rate, sentences) == 0 for wave in waves]
    study.step()
    return Heard(done.pair.target, errors[0], errors[1], chosen[0], chosen[1])


def _same_corpus(clip: Clip, clips: Sequence[Clip]) -> list[Clip]:
    return [other for other in clips if other.corpus == clip.corpus]
