"""The line that shows that we wait, on standard error: a spinner, or the countdown to the next try."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING

from mira_cli.background import SideThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.terminal.streams import Streams

_DELAY = 0.3  # seconds; an answer that comes sooner needs no such line
_FRAME = 0.1  # seconds between two pictures of the spinner
_FRAMES, _ASCII_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"


class WaitingLine:
    """Shows `⠋ thinking… 3s · Ctrl-C stops` from 0.3 s on, until `stop`.

    Nothing is shown unless standard error is a terminal on which lines can be redrawn. `stop` returns when
    the line is erased; nothing is drawn after it.
    """

    def __init__(self, streams: Streams, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._streams = streams
        self._clock = clock
        self._begun = 0.0
        self._retry: tuple[str, float] | None = None
        self._stopped, self._changed = Event(), Event()
        self._thread: SideThread | None = None

    def start(self) -> None:
        """Begin to wait."""
        self._begun = self._clock()
        if self._thread is None and self._streams.redraws:
            self._stopped.clear()
            self._thread = SideThread(self._run)
            self._thread.start()

    def retrying(self, wait: float, attempt: int, of: int, reason: str) -> None:
        """Count down to the next try, then think again. Where no line can be redrawn a person is told once.

        Args:
            wait: Seconds until the next try.
            attempt: Which try that is, from 1.
            of: How many there are at most.
            reason: Why, in two or three words.
        """
        text = f"{reason}, retry {attempt} of {of} in"
        if self._thread is not None:
            self._retry = (text, self._clock() + wait)
            self._changed.set()
        elif self._streams.err_tty and not self._streams.verbose:  # the log tells as much
            self._streams.note(f"{text} {_seconds(wait)}, Ctrl-C stops")

    def stop(self) -> None:
        """Erase the line. Safe to call again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopped.set()
            self._changed.set()
            if thread.is_alive():  # Ctrl-C may have come while it was being started: then it ends unseen
                thread.join()
            self._retry = None
            self._changed.clear()

    def _run(self) -> None:
        self._changed.wait(_DELAY)
        frames = _FRAMES if self._streams.unicode_err else _ASCII_FRAMES
        picture = 0
        while not self._stopped.is_set():
            self._streams.status(self._line(frames[picture % len(frames)]))
            picture += 1
            self._stopped.wait(_FRAME)
        self._streams.status("")  # also when Ctrl-C breaks into stop()

    def _line(self, picture: str) -> str:
        now = self._clock()
        retry = self._retry
        if retry is not None and now < retry[1]:
            return f"{retry[0]} {_seconds(retry[1] - now)} · Ctrl-C stops"
        return f"{picture} thinking… {int(now - self._begun)}s · Ctrl-C stops"


def _seconds(seconds: float) -> str:
    """Whole seconds, never 0: a countdown ends when it is over."""
    return f"{max(int(seconds + 0.999), 1)}s"
