"""Markdown drawn on a terminal while it arrives, with the open rows redrawn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mira_cli.terminal.markdown.engine import Engine
from mira_cli.terminal.markdown.painter import Painter

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.terminal.markdown.look import Look

FRAME = 1 / 30
"""Seconds between two frames."""

_MOST_OPEN = 12
"""Open rows that are shown at most."""


class Drawing:
    """One reply on a terminal: text comes in by `feed`, `close` ends it, then nothing may come.

    Args:
        write: Takes characters for the terminal, each frame in one call.
        size: Columns and lines of the terminal; asked at each frame.
        look: The styles.
        crops: Whether the terminal crops the row of the cursor when it is made narrower, as Painter has it.
        clock: Seconds, from any start.

    What `write` and `size` raise goes through; `close` still shows the cursor. No signal may break in.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        size: Callable[[], tuple[int, int]],
        look: Look,
        *,
        crops: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size = size
        self._clock = clock
        self._engine = Engine(look)
        self._painter = Painter(write, crops=crops)
        self._columns, self._lines = size()
        self._next_frame = clock()
        self._dirty = False

    def feed(self, text: str) -> None:
        """Take the next piece of text, with no controls but tab and newline; draw if a frame is due."""
        self._engine.feed(text)
        self._dirty = True
        self.tick()

    def tick(self) -> None:
        """Draw what has come since the last frame, or fit it to a new size, if a frame is due."""
        if self._waits() and self._clock() >= self._next_frame:
            self._dirty = False
            self._fit()
            region = max(1, min(_MOST_OPEN, self._lines - 2))
            self._painter.frame(*self._engine.step(self._columns, region), self._columns)
            self._next_frame = self._clock() + FRAME

    def due(self) -> float | None:
        """Seconds until `tick` has something to do, None if nothing waits to be drawn."""
        return max(0.0, self._next_frame - self._clock()) if self._waits() else None

    def _waits(self) -> bool:
        return self._dirty or self._size() != (self._columns, self._lines)

    def redraw(self) -> None:
        """Something else has written on the terminal, as after Ctrl-Z: draw the open rows again, below it."""
        self._painter.lose()
        self._dirty = True
        self._next_frame = self._clock()
        self.tick()

    def close(self, *, cut: bool = False) -> None:
        """The reply is complete, or `cut`: draw what is left, leave the cursor on a fresh row."""
        try:
            self._fit()
            self._painter.frame(self._engine.close(self._columns, cut=cut), (), self._columns)
        finally:
            self._painter.end()

    def _fit(self) -> None:
        """Take note of the terminal's size."""
        size = self._size()
        if size != (self._columns, self._lines):
            self._columns, self._lines = size
            self._painter.resize(*size)
