"""The report's table: one row a figure, with its target, its interval, and what it was measured on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

PERCENT = 100.0
HEADER = ("figure", "value", "95 % interval", "target", "met", "beside it", "measured on")


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
