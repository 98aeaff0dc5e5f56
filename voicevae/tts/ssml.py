"""SSML's <prosody> and <emphasis> as marks, by the timings of the words.

    read = read_ssml("It is <emphasis>not</emphasis> so.", [("It", 0.0, 0.1), ("is", 0.1, 0.25), ...], speaker)
    code.edit(marks=read.marks)

Values are those of the W3C's SSML 1.1, section 3.2.4 (`ssml_values`). Elements nest: relative values are added to those
of the outer element, absolute ones and labels replace them. A pause belongs to the innermost element that holds the
words on both sides. <emphasis> changes pitch, range and level, and not time.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from numbers import Real
from typing import Any
from xml.parsers import expat

from voicevae.code import Speaker
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.marks import Mark
from voicevae.tts import ssml_values

READERS = {"prosody": ssml_values.prosody, "emphasis": ssml_values.emphasis}
STRUCTURE = {"speak", "p", "s", "token", "w"}  # have no sound of their own
OVERLAP_S = 0.02  # between words, as aligners have it; is cut
Timing = tuple[str, float, float]
Path = tuple[int, ...]  # the elements around a letter, by their number


@dataclass(frozen=True)
class Ssml:
    """The result of SSML: its `marks`, and what was `ignored`: elements, attributes, markup within a word."""

    marks: list[Mark]
    ignored: list[str]


def read_ssml(text: str, timings: Iterable[Timing], speaker: Speaker | None = None) -> Ssml:
    """Marks from SSML.

    Args:
        text: SSML, or the content of <speak>.
        timings: (word, start_s, end_s) of each word in order; case and punctuation do not matter.
        speaker: the voice, to which values in Hz are relative.

    Raises:
        EditError: no well-formed XML, a DOCTYPE, an unknown or out-of-range value, or other words than the timings'.
    """
    document = _Document(text, speaker)
    words = document.words()
    spans = _spans(timings)
    _match([word for word, _ in words], [word for word, _, _ in spans])
    marks: list[Mark] = []
    for i, ((_, path), (_, start_s, end_s)) in enumerate(zip(words, spans, strict=True)):
        if i > 0:
            _append(marks, Mark(spans[i - 1][2], start_s, document.edits[_common(words[i - 1][1], path)[-1]]))
        _append(marks, Mark(start_s, end_s, document.edits[path[-1]]))
    return Ssml(marks, document.ignored)


class _Document:
    """The text with the elements around each part of it, and what each element makes of the edit around it."""

    def __init__(self, text: str, speaker: Speaker | None) -> None:
        self.speaker = speaker
        self.edits, self.path = [Edit()], [0]  # number 0 is the whole text
        self.parts: list[tuple[str, Path]] = []
        self.ignored: list[str] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._characters, _refuse_doctype
        bare = text.strip().removeprefix("\ufeff")
        try:
            parser.Parse(bare if bare.startswith(("<?xml", "<!", "<speak")) else f"<speak>{bare}</speak>", True)
        except expat.ExpatError as error:
            raise EditError(f"The SSML is not well-formed XML ({error}); close and quote as XML does.") from None

    def words(self) -> list[tuple[str, Path]]:
        """Each word, and the elements around its first letter."""
        letters: list[list[tuple[str, Path]]] = [[]]
        for text, path in self.parts:
            for letter in text:
                if letter.isspace():
                    letters.append([])
                elif _plain(letter):
                    letters[-1].append((letter, path))
        found = []
        for word in filter(None, letters):
            name, paths = "".join(letter for letter, _ in word), {path for _, path in word}
            if len(paths) > 1:
                self._ignore(f"markup within the word {name!r}")
            found.append((name, word[0][1]))
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in READERS:
            edit, unread = READERS[name](self.edits[self.path[-1]], attributes, self.speaker)
            self.edits.append(edit)
            self.path.append(len(self.edits) - 1)
            for attribute in unread:
                self._ignore(f"{attribute} of <{name}>")
            return
        self.parts.append((" ", ()))
        if name not in STRUCTURE:
            self._ignore(f"<{name}>")

    def _end(self, name: str) -> None:
        if name in READERS:
            self.path.pop()
        else:
            self.parts.append((" ", ()))

    def _characters(self, text: str) -> None:
        self.parts.append((text, tuple(self.path)))

    def _ignore(self, name: str) -> None:
        if name not in self.ignored:
            self.ignored.append(name)


def _refuse_doctype(*_: Any) -> None:
    raise EditError("The SSML has a DOCTYPE, whose entities are not read; leave it out.")


def _spans(timings: Iterable[Timing]) -> list[Timing]:
    """The checked `timings` of words that have letters."""
    found: list[Timing] = []
    for one in timings:
        try:
            word, start_s, end_s = one
        except (TypeError, ValueError):
            raise EditError(f"A timing is {one!r}; give (word, start_s, end_s).") from None
        if not isinstance(word, str) or not all(
            isinstance(x, Real) and not isinstance(x, bool) for x in (start_s, end_s)
        ):
            raise EditError(f"A timing is {one!r}; give a word and two numbers of seconds.")
        after = found[-1][2] if found else 0.0
        if not after - OVERLAP_S <= start_s < end_s < float("inf"):
            raise EditError(f"{word!r} lies at {start_s:g}-{end_s:g} s; give words in order, from {after:g} s on.")
        if _plain(word):
            found.append((word, max(float(start_s), after), float(end_s)))
    return found


def _match(asked: Sequence[str], timed: Sequence[str]) -> None:
    for i, (one, two) in enumerate(zip(asked, timed, strict=False)):
        if _plain(one) != _plain(two):
            raise EditError(
                f"Word {i + 1} of the SSML is {one!r}, of the timings {two!r}; give timings of the same words."
            )
    if len(asked) != len(timed):
        raise EditError(f"The SSML has {len(asked)} words, the timings {len(timed)}; give timings of the same words.")


def _plain(text: str) -> str:
    """Letters and digits alone, case-folded."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _common(one: Path, two: Path) -> Path:
    return tuple(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))


def _append(marks: list[Mark], mark: Mark) -> None:
    if mark.edit == Edit() or mark.end_s <= mark.start_s:
        return
    if marks and marks[-1].end_s == mark.start_s and marks[-1].edit == mark.edit:
        mark = Mark(marks.pop().start_s, mark.end_s, mark.edit)
    marks.append(mark)
