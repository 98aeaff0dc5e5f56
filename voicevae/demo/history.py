"""Earlier settings, for undo."""

import time
from dataclasses import dataclass, replace
from typing import Any

TOGETHER_S = 2.0  # repeated moves of one slider within it are one step
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Setting:
    """Everything that the page edits: values in the order of its controls; and the points of bent F0, (s, Hz) of the
    unedited speech, or None."""

    edits: tuple[Any, ...]
    points: Points | None = None


@dataclass(frozen=True)
class History:
    """Settings, the present one last; when: each was made, s."""

    settings: tuple[Setting, ...] = ()
    when: tuple[float, ...] = ()

    def then(self, setting: Setting, now: float | None = None) -> "History":
        """With one more, unless it is the present one; a slider on the move replaces its own last step."""
        now = time.monotonic() if now is None else now
        if self.settings and self.settings[-1] == setting:
            return self
        steps = len(self.settings)
        if steps > 1 and now - self.when[-1] < TOGETHER_S and self._goes_on(setting):
            steps -= 1
        return History((*self.settings[:steps], setting), (*self.when[:steps], now))

    def undone(self) -> "History":
        """Without the last, but never without the first."""
        if len(self.settings) < 2:
            return self
        return replace(self, settings=self.settings[:-1], when=self.when[:-1])

    @property
    def present(self) -> Setting:
        """The last setting."""
        return self.settings[-1]

    def _goes_on(self, setting: Setting) -> bool:
        """Whether `setting` moves that one slider alone that the last step moved."""
        before, last = self.settings[-2:]
        moved = [i for i, (a, b) in enumerate(zip(before.edits, last.edits, strict=True)) if a != b]
        more = [i for i, (a, b) in enumerate(zip(last.edits, setting.edits, strict=True)) if a != b]
        return moved == more and len(moved) == 1 and before.points == last.points == setting.points
