"""A progress bar on standard error, drawn by rich; nothing where lines cannot be redrawn."""

from __future__ import annotations

import time
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

    from mira_cli.terminal.streams import Streams

_FRAME = 0.1  # seconds between two pictures at least
_PAUSE = 0.2  # seconds without it after a step that somebody else may be about to show
_BAR = 24  # columns
_WIDTH = 200  # columns to which rich may go; the line is cut to what the terminal has


class ProgressBar:
    """How much of a piece of work is done: a bar, counts, the time that is left.

    It is a passing line as any other: notes and errors stand above it.

    Args:
        streams: Whose standard error it is drawn on.
        total: How much there is to do, None if that is not known.
        shared: Each step goes to a reader that may write on the same terminal: let it have the row first.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self,
        streams: Streams,
        total: int | None,
        *,
        shared: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._streams = streams
        self._shared = shared
        self._clock = clock
        self._drawn = float("-inf")
        self._done = 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._page = StringIO()
        if streams.redraws:
            self._open(total)

    def show(self, done: int, failed: int, note: str = "") -> None:
        """Show so many done, of them so many failed, and what goes on beside; at most ten times a second."""
        now = self._clock()
        if self._shared and done != self._done:
            self._done = done
            self._drawn = now + _PAUSE - _FRAME
        if self._progress is None or self._task is None or now - self._drawn < _FRAME:
            return
        self._drawn = now
        words = [f"{failed:,} failed"] if failed else []
        beside = "".join(f" · {word}" for word in (*words, *filter(None, (note,))))
        self._progress.update(self._task, completed=done, description=beside)
        self._streams.status(self._picture())

    def close(self) -> None:
        """Erase it."""
        self._streams.status("")

    def _open(self, total: int | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        # As text without any escape: how it is styled and where it stands is for the streams to say.
        console = Console(
            file=self._page, force_terminal=False, color_system=None, width=_WIDTH, legacy_windows=False
        )
        self._progress = Progress(
            BarColumn(_BAR),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}", markup=False),
            console=console,
            auto_refresh=False,
            get_time=self._clock,
        )
        self._task = self._progress.add_task("", total=total)

    def _picture(self) -> str:
        if self._progress is None:
            return ""
        console = self._progress.console
        options = console.options.copy()
        options.encoding = "utf-8" if self._streams.unicode_err else "ascii"
        lines = console.render_lines(self._progress.get_renderable(), options, pad=False)
        return "".join(segment.text for segment in lines[0]).rstrip() if lines else ""
