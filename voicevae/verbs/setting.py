"""Syllables set to tones.

The vowel of a syllable begins with its tone, as in singing. Consonants between two vowels sound at the end of the
earlier tone, those after a rest in the rest, and those of a tune without an initial rest in its first tone. Vowels are
stretched or shortened; of a stretched one only the middle, because its transitions keep their speed. Consonants keep
their length, or take half of a tone that is too short for them.

With more tones than syllables, each syllable takes several, evenly: tone j of N is sung on syllable j * S // N of S.
With more syllables than tones, each tone takes several, syllable i on tone i * N // S, and its time is shared in
proportion to the syllables' lengths in speech.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicevae.verbs.notes import Note
from voicevae.verbs.syllables import Syllable

MOST_CONSONANTS = 0.5  # of a tone
TRANSITION_S = 0.05  # at both ends of a vowel, at most a third of it
INSTANT_S = 1e-6
FADE_S = 0.025  # into and out of a rest


@dataclass(frozen=True)
class Tone:
    """A note that sounds, in seconds of the song."""

    start_s: float
    end_s: float
    midi: float


@dataclass(frozen=True)
class Sung:
    """When the parts of a syllable sound, in seconds of the song, and where they are in the speech, in frames.

    times, frames: of the beginnings of its consonants and vowel, and of the ends of vowel and consonants, `[4]` each.
    """

    times: tuple[float, float, float, float]
    frames: tuple[int, int, int, int]


def tones(notes: Sequence[Note]) -> list[Tone]:
    """The notes that are no rests, with their times."""
    ends = np.cumsum([note.seconds for note in notes])
    return [
        Tone(float(end - note.seconds), float(end), note.midi)
        for note, end in zip(notes, ends, strict=True)
        if note.midi is not None
    ]


def assign(found: Sequence[Syllable], tones: Sequence[Tone], frame_rate: float) -> list[Sung]:
    """The times of each syllable in the song; `frame_rate` of the speech in Hz."""
    spans = _spans(found, tones)
    onsets = [(one.vowel - one.start) / frame_rate for one in found]
    codas = [(one.end - one.coda) / frame_rate for one in found]
    sung = []
    begin = max(spans[0][0] - onsets[0], 0.0)
    vowel = spans[0][0] if begin < spans[0][0] else min(onsets[0], MOST_CONSONANTS / 2 * (spans[0][1] - spans[0][0]))
    for i, (syllable, (start, end)) in enumerate(zip(found, spans, strict=True)):
        last = i + 1 == len(found)
        rest = 0.0 if last else spans[i + 1][0] - end
        following = 0.0 if last or rest > INSTANT_S else onsets[i + 1]
        squeeze = min(1.0, MOST_CONSONANTS * (end - start) / max(codas[i] + following, INSTANT_S))
        stop = end - squeeze * following
        times = (begin, vowel, stop - squeeze * codas[i], stop)
        sung.append(Sung(times, (syllable.start, syllable.vowel, syllable.coda, syllable.end)))
        if not last:
            vowel = spans[i + 1][0]
            begin = stop if rest <= INSTANT_S else vowel - min(onsets[i + 1], rest)
    return sung


def time_map(sung: Sequence[Sung], times: np.ndarray, frame_rate: float) -> np.ndarray:
    """The fractional frame of speech that sounds at each of `times` `[T]` (s) of the song; it never decreases."""
    anchors = np.array([anchor for one in sung for anchor in _anchors(one, frame_rate)])
    at = anchors[:, 0] + INSTANT_S * np.arange(len(anchors))  # strictly increasing, for np.interp
    return np.interp(times, at, anchors[:, 1])


def sounding(sung: Sequence[Sung], tones: Sequence[Tone], times: np.ndarray) -> np.ndarray:
    """1 where there is a tone, or consonants that lead to one, 0 in rests, with a fade between: `[T]`."""
    share = np.zeros(len(times))
    for start, end in [(tone.start_s, tone.end_s) for tone in tones] + [one.times[:2] for one in sung]:
        inside = np.minimum(times - start, end - times) / FADE_S + 1
        share = np.maximum(share, np.clip(inside, 0, 1))
    return share


def _anchors(one: Sung, frame_rate: float) -> list[tuple[float, float]]:
    """(seconds of the song, frame of speech) between which a syllable runs evenly."""
    (begin, vowel, coda, stop), (start, first, last, end) = one.times, one.frames
    edge = min(TRANSITION_S * frame_rate, (last - first) / 3)
    stretched = coda - vowel > (last - first) / frame_rate
    held = [(vowel + edge / frame_rate, first + edge), (coda - edge / frame_rate, last - edge)] if stretched else []
    return [(begin, start), (vowel, first), *held, (coda, last), (stop, end)]


def _spans(found: Sequence[Syllable], tones: Sequence[Tone]) -> list[tuple[float, float]]:
    """From the beginning of each syllable's first tone, or of its share of one, to the end of its last."""
    n_tones, n_syllables = len(tones), len(found)
    if n_tones >= n_syllables:
        own = [[tone for j, tone in enumerate(tones) if j * n_syllables // n_tones == i] for i in range(n_syllables)]
        return [(group[0].start_s, group[-1].end_s) for group in own]
    spans = []
    for j, tone in enumerate(tones):
        lengths = [one.end - one.start for i, one in enumerate(found) if i * n_tones // n_syllables == j]
        edges = tone.start_s + np.concatenate([[0], np.cumsum(lengths)]) / sum(lengths) * (tone.end_s - tone.start_s)
        spans += [(float(a), float(b)) for a, b in zip(edges, edges[1:], strict=False)]
    return spans
