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
from voicevae.evaluation.recognisers import plain

CHOICES = 20


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
