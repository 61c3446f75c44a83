"""The status line on standard error: the waiting line, and a progress bar drawn by rich.

Nothing is shown if lines cannot be redrawn.
"""

from __future__ import annotations

import time
from io import StringIO
from threading import Event
from typing import TYPE_CHECKING

from mira_cli.background import SideThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from mira_cli.terminal.streams import Streams

_DELAY = 0.3  # seconds; faster answers need no waiting line
_SPINNER, _ASCII_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
_FRAME = 0.1  # minimum seconds between frames
_PAUSE = 0.2  # seconds without the bar after a step, for another program's output
_BAR = 24  # columns
_WIDTH = 200  # columns for rich; the line is then cut to the terminal's width


class WaitingLine:
    """Shows `⠋ thinking… 3s · Ctrl-C stops` from 0.3 s on, until `stop`.

    `stop` returns when the line is erased; nothing is drawn after it.
    """

    def __init__(self, streams: Streams, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._streams = streams
        self._clock = clock
        self._begun = 0.0
        self._retry: tuple[str, float] | None = None  # the text, and until when to show it
        self._stopped = Event()
        self._thread: SideThread | None = None

    def start(self) -> None:
        """Start waiting."""
        self._begun = self._clock()
        if self._thread is None and self._streams.redraws:
            self._stopped.clear()
            self._thread = SideThread(self._run)
            self._thread.start()

    def retrying(self, wait: float, attempt: int, of: int, reason: str) -> None:
        """Count down the seconds to the next retry, then show the spinner again.

        If lines can't be redrawn, print a note. `reason`: two or three words.
        """
        text = f"{reason}, retry {attempt} of {of} in"
        if self._thread is not None:
            self._retry = (text, self._clock() + wait)
        elif self._streams.err_tty and not self._streams.verbose:  # the log has the same
            self._streams.note(f"{text} {_seconds(wait)}, Ctrl-C stops")

    def stop(self) -> None:
        """Erase the line. Safe to call again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopped.set()
            if thread.is_alive():  # Ctrl-C may have come while it was being started: then it ends unseen
                thread.join()
            self._retry = None

    def _run(self) -> None:
        frames = _SPINNER if self._streams.unicode_err else _ASCII_SPINNER
        shown = 0
        while not self._stopped.wait(_FRAME if shown else _DELAY):
            self._streams.status(self._line(frames[shown % len(frames)]))
            shown += 1
        self._streams.status("")  # also when Ctrl-C breaks into stop()

    def _line(self, picture: str) -> str:
        now = self._clock()
        retry = self._retry
        if retry is not None and now < retry[1]:
            return f"{retry[0]} {_seconds(retry[1] - now)} · Ctrl-C stops"
        return f"{picture} thinking… {int(now - self._begun)}s · Ctrl-C stops"


def _seconds(seconds: float) -> str:
    """Whole seconds, rounded up, at least 1."""
    return f"{max(int(seconds + 0.999), 1)}s"


class ProgressBar:
    """A bar, counts and the remaining time, in the status line; notes and errors go above it.

    `total`: the number of steps, None if unknown. `shared`: a program that reads our output may use the same
    terminal, so the bar pauses after each step.
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
        self._due = float("-inf")  # when it may be drawn again
        self._done = 0
        self._progress = self._open(total) if streams.redraws else None

    def show(self, done: int, failed: int, note: str = "") -> None:
        """Update the bar, at most ten times a second. `note` is shown after the counts."""
        now = self._clock()
        if self._shared and done != self._done:
            self._done = done
            self._due = now + _PAUSE
        if self._progress is None or now < self._due:
            return
        self._due = now + _FRAME
        beside = "".join(f" · {part}" for part in (f"{failed:,} failed" if failed else "", note) if part)
        self._progress.update(self._progress.task_ids[0], completed=done, description=beside)
        console = self._progress.console
        with console.capture() as picture:
            console.print(self._progress.get_renderable())
        self._streams.status(picture.get().rstrip())

    def close(self) -> None:
        """Erase it."""
        self._streams.status("")

    def _open(self, total: int | None) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        # Plain text; the streams add style and position.
        console = Console(
            file=StringIO(), force_terminal=False, color_system=None, width=_WIDTH, legacy_windows=False
        )
        progress = Progress(
            BarColumn(_BAR),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}", markup=False),
            console=console,
            auto_refresh=False,
            get_time=self._clock,
        )
        progress.add_task("", total=total)
        return progress
