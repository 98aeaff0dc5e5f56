"""Single keys from a terminal, without waiting."""

import select
import sys
from typing import Any


class Keys:
    """The keys pressed while it is entered; none where standard input is no terminal."""

    def __init__(self) -> None:
        self.watched = sys.stdin is not None and sys.stdin.isatty()
        self._before: Any = None

    def __enter__(self) -> "Keys":
        if self.watched:
            try:
                import termios
                import tty
            except ImportError:  # Windows
                self.watched = False
                return self
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def pressed(self) -> str:
        """Keys since the last call."""
        found = ""
        while self.watched and select.select([sys.stdin], [], [], 0)[0]:
            key = sys.stdin.read(1)
            if not key:
                self.watched = False
            found += key
        return found
