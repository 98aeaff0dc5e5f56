"""The report: its rows, one a figure with its target and interval, and its files.

report.json is for programs, report.md for people, both of the same rows.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.aside import written
from voicevae.errors import InputError

PERCENT = 100.0
HEADER = ("figure", "value", "95 % interval", "target", "met", "beside it", "measured on")
PACKAGES = (
    "voicevae torch numpy scipy swift-f0 resemblyzer scikit-learn librosa lhotse pesq pystoi speechmos onnxruntime "
    "pyworld jiwer faster-whisper ctranslate2"
).split()
MARK = "<!-- report -->"
PROTOCOL = """\
Figures "across corpora" are of zero-shot conversions between speakers of any corpora of one language, the corpora of
sources and of targets in turn: one recording of the target is the reference, another one stands for the target. CER is
the character error rate of Whisper against the text that was read, at most 1 a sentence, or against its own transcript
of the source where there is no text; "added" is less that of the source. Other languages and single corpora of sources
follow, without targets.

All other conversions are within one corpus: an utterance of a speaker A, and one recording of about 5 s of a speaker B
as the reference. SECS is the cosine of Resemblyzer's embeddings of the converted file and of those utterances of B that
are neither the reference nor held out, averaged over them; floor is the same for the source, ceiling for the held-out
utterance of B. closure = (SECS - floor) / (ceiling - floor). EER is that of telling held-out from converted utterances
by their cosines. Speakers with fewer than three recordings have them cut into pieces of about 5 s, so that their
ceiling is that of a single session. Means are over target speakers, intervals from 1000 bootstrap draws of target
speakers. F0 is measured by swift-f0 on both sides; its errors are pooled over frames voiced in both.

The content distance compares sequences of mel-cepstra without a voice's mean and standard deviation, aligned in time;
its scale is that of two speakers who read one sentence (0) and two (1), borrowed by ratio where a corpus has no such
readings. A conversion keeps its source's timing, which two readings do not share, and so may lie below 0. PESQ, STOI
and DNSMOS are means over the first pairs of the first corpus. Fresh networks are trained on some utterances and asked
about others; every latent is read by several, and the most successful one counts. Figures of "unseen" speakers are of
the split that is evaluated, those of "known" ones of the speakers that the bundle was trained on.
"""


@dataclass(frozen=True)
class Row:
    """One figure in `unit`; `value` None is absent, for the reason that `beside` gives.

    better: "higher" or "lower", "" where neither is; what a target asks for where there is one. on: the recordings that
    it was measured on, how many, and by what recogniser or encoder.
    """

    figure: str
    value: float | None
    unit: str = ""
    interval: tuple[float, float] | None = None
    at_least: float | None = None
    at_most: float | None = None
    beside: str = ""
    better: str = ""
    on: str = ""

    def __post_init__(self) -> None:
        if not self.better and (self.at_least is None) != (self.at_most is None):
            object.__setattr__(self, "better", "lower" if self.at_least is None else "higher")

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is no target or no value."""
        if self.value is None or (self.at_least is None and self.at_most is None):
            return None
        above = self.at_least is None or self.value >= self.at_least
        return above and (self.at_most is None or self.value <= self.at_most)

    @property
    def target(self) -> str:
        """The target in words."""
        words = [f"at least {show(self.at_least, self.unit)}"] if self.at_least is not None else []
        return " ".join(words + ([f"at most {show(self.at_most, self.unit)}"] if self.at_most is not None else []))

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        value = "absent" if self.value is None else show(self.value, self.unit)
        span = " to ".join(show(v, "") for v in self.interval) if self.interval and self.value is not None else ""
        met = {None: "", True: "yes", False: "no"}[self.met]
        return self.figure, value, span, self.target, met, self.beside, self.on


def absent(figure: str, reason: str) -> Row:
    """The row of something not measured."""
    return Row(figure, None, beside=reason)


def percent(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    """An interval of shares in percent."""
    return None if interval is None else (PERCENT * interval[0], PERCENT * interval[1])


def show(value: float | None, unit: str) -> str:
    """Three significant digits and the unit."""
    if value is None or not np.isfinite(value):
        return "undefined"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f} {unit}".strip()


@dataclass
class Report:
    """What is known so far; `about` says what was measured on what, `method` how, `opening` is Markdown."""

    about: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    opening: list[str] = field(default_factory=list)
    method: str = PROTOCOL

    def add(self, name: str, found: Any, rows: Sequence[Row], on: str = "") -> None:
        """Keep a measurement and its rows; `on` is what those that do not say so themselves were measured on."""
        self.details[name] = found
        self.rows += [row if row.on or row.value is None else replace(row, on=on) for row in rows]

    def take(self, other: "Report") -> None:
        """Add what another one knows."""
        self.rows += other.rows
        self.details |= other.details
        self.skipped += [sentence for sentence in other.skipped if sentence not in self.skipped]
        self.figures += other.figures

    def content(self) -> dict[str, Any]:
        """All of it, for JSON."""
        rows = [asdict(row) | {"met": row.met} for row in self.rows]
        return plain({"about": self.about, "rows": rows, "details": self.details, "skipped": self.skipped})

    def write(self, out_dir: Path) -> None:
        """Write report.json and report.md."""
        text = json.dumps(self.content(), indent=1, ensure_ascii=False, allow_nan=False)
        write_text(out_dir / "report.json", text + "\n")
        write_text(out_dir / "report.md", self._markdown())

    def _markdown(self) -> str:
        facts = [f"- {name}: {_words(value)}" for name, value in self.about.items()]
        parts = ["# Evaluation", *self.opening, "\n".join(facts), markdown(self.rows), self.method]
        parts += [f"![{name}]({name})" for name in self.figures]
        parts += [f"Left out: {sentence}" for sentence in self.skipped]
        return "\n\n".join(part.strip() for part in parts) + "\n"


def markdown(rows: Sequence[Row]) -> str:
    """The report's table."""
    return padded([HEADER, *(row.cells() for row in rows)])


def padded(lines: Sequence[Sequence[str]]) -> str:
    """A table of which the first line is the header, its columns padded so that it reads as plain text, too."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([text[0], rule, *text[1:]]) + "\n"


def plain(value: Any) -> Any:
    """`value` for JSON: NaN becomes null, keys text, tuples and numpy numbers plain."""
    if isinstance(value, dict):
        return {str(key): plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def write_text(path: Path, text: str) -> None:
    """Write a file aside, then rename it."""
    with written(path) as aside:
        aside.write_text(text, encoding="utf-8")


def put_into(page: Path, report_dir: Path) -> None:
    """Put the report of `report_dir`, without figures, into a page, in place of all below its line `<!-- report -->`.

    Raises:
        InputError: the page cannot be read, or has no such line.
    """
    try:
        head, found, _ = page.read_text(encoding="utf-8").partition(MARK)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{page} cannot be read ({error}); give a page in UTF-8.") from None
    if not found:
        raise InputError(f"{page} has no line {MARK}; add it where the report is to stand.")
    text = (report_dir / "report.md").read_text(encoding="utf-8")
    kept = [block for block in text.split("\n\n")[1:] if not block.startswith("![")]
    write_text(page, f"{head}{MARK}\n\n" + "\n\n".join(kept))


def package_versions() -> dict[str, str]:
    """Versions of the packages that the figures depend on."""
    return {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _words(value: Any) -> str:
    return ", ".join(f"{k} {v}".strip() for k, v in value.items()) if isinstance(value, dict) else str(value)
