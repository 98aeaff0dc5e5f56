"""Notes to sing, read from text or from a MIDI file.

Text is notes with their seconds, such as `C4:0.5 Eb4:0.5 R:0.25 G#4:1`: a letter, sharps (#) or flats (b), an octave;
R is a rest. Pitches are MIDI numbers, equal temperament: A4 is 69 and 440 Hz, a semitone is 1.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.errors import EditError, InputError, MissingPackageError
from voicevae.units import SEMITONES_PER_NAT, ratio

A4_MIDI, A4_HZ = 69, 440.0
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SECONDS = (0.03, 60.0)  # of a note
MIDI_FILES = (".mid", ".midi")
TRANSPOSE = {"octaves": 12, "key": 1, "none": 0}  # step in semitones
DRUMS = 9  # channel 10 of General MIDI


@dataclass(frozen=True)
class Note:
    """A tone of `midi` (60 is middle C; fractions are cents / 100), or a rest (None), for `seconds`.

    Raises:
        EditError: out of range.
    """

    midi: float | None
    seconds: float

    def __post_init__(self) -> None:
        if not _is_number(self.seconds, *SECONDS):
            raise EditError(f"A note lasts {self.seconds!r} s; give {SECONDS[0]:g} to {SECONDS[1]:g} s.")
        if self.midi is not None and not _is_number(self.midi, 0, 127):
            raise EditError(f"A note has the MIDI number {self.midi!r}; give one from 0 to 127, or None for a rest.")


def read(notes: Any) -> list[Note]:
    """Notes given as text, as the path of a MIDI file (.mid, .midi), or as `Note`s.

    Raises:
        EditError: an unreadable note, or no tone among them. InputError: a MIDI file that cannot be read.
            MissingPackageError: mido is not installed.
    """
    if isinstance(notes, Path) or (isinstance(notes, str) and Path(notes).suffix.lower() in MIDI_FILES):
        return _sounding(read_midi(notes), str(notes))
    if isinstance(notes, str):
        return _sounding(parse(notes), "The text")
    if isinstance(notes, Sequence) and all(isinstance(note, Note) for note in notes):
        return _sounding(list(notes), "The list")
    raise EditError("Notes are text such as 'C4:0.5 R:0.25 G4:1', the path of a MIDI file, or a list of Notes.")


def parse(text: str) -> list[Note]:
    """Notes of text.

    >>> parse("A4:0.5 R:0.25 Bb3:1")
    [Note(midi=69, seconds=0.5), Note(midi=None, seconds=0.25), Note(midi=58, seconds=1.0)]
    """
    return [_parse_one(word) for word in text.replace(",", " ").split()]


def read_midi(path: str | Path) -> list[Note]:
    """The melody of a MIDI file, as one voice: a new note ends the one before, of notes that begin together the highest
    is sung, and drums (channel 10) are left out. Silences are rests; the first is kept.

    Raises:
        InputError: it is no MIDI file. MissingPackageError: mido is not installed.
    """
    try:
        import mido
    except ImportError:
        raise MissingPackageError('A MIDI file needs mido; pip install "voicevae[melody]" brings it.') from None
    try:
        messages = list(mido.MidiFile(path))  # mido gives times in seconds
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; give a MIDI file.") from None
    except (OSError, EOFError, ValueError, LookupError, TypeError, mido.KeySignatureError) as error:
        raise InputError(f"{path} is not a MIDI file that can be read; export it again.") from error
    return _line(messages)


def frequency_hz(midi: float) -> float:
    """Frequency of a MIDI number in Hz.

    >>> frequency_hz(57)
    220.0
    """
    return A4_HZ * ratio(midi - A4_MIDI)


def midi_of(log_f0: Any) -> Any:
    """The MIDI number of a log-F0 in ln Hz."""
    return A4_MIDI + (log_f0 - math.log(A4_HZ)) * SEMITONES_PER_NAT


def log_f0_of(midi: Any) -> Any:
    """The inverse of `midi_of`."""
    return math.log(A4_HZ) + (midi - A4_MIDI) / SEMITONES_PER_NAT


def transposed(notes: Sequence[Note], log_f0_mean: float, how: str) -> list[Note]:
    """`notes` moved so that their mean over time is nearest to a speaker's mean log-F0 (ln Hz).

    Args:
        how: by whole "octaves", to any "key" (by semitones), or "none".

    Raises:
        EditError: another way.
    """
    if how not in TRANSPOSE:
        raise EditError(f"transpose is {how!r}; give one of {', '.join(TRANSPOSE)}.")
    if not (step := TRANSPOSE[how]):
        return list(notes)
    tones = [(note.midi, note.seconds) for note in notes if note.midi is not None]
    mean = sum(midi * seconds for midi, seconds in tones) / sum(seconds for _, seconds in tones)
    shift = step * round((midi_of(log_f0_mean) - mean) / step)
    return [note if note.midi is None else replace(note, midi=note.midi + shift) for note in notes]


def _parse_one(word: str) -> Note:
    match = re.fullmatch(r"(?:([A-Ga-g])(#{0,2}|b{0,2})(-?\d)|[Rr]):(\d+\.?\d*|\.\d+)", word)
    if match is None:
        raise EditError(f"{word!r} is not a note with its seconds; write such as C4:0.5, F#3:1 or R:0.25.")
    letter, accidental, octave, seconds = match.groups()
    if letter is None:
        return Note(None, float(seconds))
    shift = len(accidental) * (1 if "#" in accidental else -1)
    return Note(LETTERS[letter.upper()] + shift + 12 * (int(octave) + 1), float(seconds))


def _line(messages: Sequence[Any]) -> list[Note]:
    """Notes of mido's messages, whose times are seconds since the one before."""
    spans: list[tuple[int | None, float]] = []
    began = now = 0.0
    held: int | None = None
    for message in messages:
        now += message.time
        if message.type not in ("note_on", "note_off") or message.channel == DRUMS:
            continue
        starts = message.type == "note_on" and message.velocity > 0
        if starts and held is not None and now - began < SECONDS[0]:
            held = max(held, message.note)  # a chord
        elif starts or message.note == held:
            spans.append((held, now - began))
            began, held = now, message.note if starts else None
    return list(_notes(spans))


def _notes(spans: Sequence[tuple[int | None, float]]) -> Iterator[Note]:
    """One note per span; what is too short to hear lengthens the note before, so that all others keep their times."""
    lasting: list[tuple[int | None, float]] = []
    for midi, seconds in spans:
        if seconds < SECONDS[0] and lasting:
            lasting[-1] = lasting[-1][0], lasting[-1][1] + seconds
        elif seconds >= SECONDS[0]:
            lasting.append((midi, seconds))
    for midi, seconds in lasting:
        pieces = max(math.ceil(seconds / SECONDS[1]), 1)
        yield from [Note(midi, seconds / pieces)] * pieces


def _sounding(notes: list[Note], name: str) -> list[Note]:
    if all(note.midi is None for note in notes):
        raise EditError(f"{name} holds no note to sing; give at least one, such as C4:0.5.")
    return notes


def _is_number(value: Any, low: float, high: float) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float | np.number) and bool(low <= value <= high)
