"""Replies drawn as Markdown: on a terminal while they arrive or at their end, or in colour into a pipe."""

from __future__ import annotations

import signal
from contextlib import suppress
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from mira_cli.background import SideThread, load_in_background
from mira_cli.errors import Interrupted, MiraError, ReaderGone
from mira_cli.terminal.sanitize import Sanitizer
from mira_cli.terminal.writers import Writer, note_dropped

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from mira_cli.terminal.markdown.drawing import Drawing, Scroll
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams

_CROPPERS = ("vscode",)  # terminals that crop the row of the cursor when they are made narrower
_GLANCE = 0.25  # seconds between two looks, while no text comes, at whether the terminal has changed


def open_drawing(streams: Streams, theme: str) -> Drawing:
    """The real thing, which loads rich."""
    from mira_cli.terminal.markdown.drawing import Drawing

    return Drawing(
        streams.write,
        streams.size,
        color=streams.color.answer,
        theme=theme,
        shown=streams.shown,
        crops=streams.env.get("TERM_PROGRAM") in _CROPPERS,
    )


class MarkdownWriter(Writer):
    """The reply as Markdown on a terminal, drawn while it arrives.

    The renderer loads in a thread of its own from `prepare` on, while the server thinks. A second thread
    draws the last pieces when no more come. Notices that come within the reply wait for its end.

    Args:
        streams: Where the reply goes.
        theme: Name of the colours of code.
        opener: Gives the drawing for one reply.
    """

    def __init__(
        self, streams: Streams, theme: str, opener: Callable[[Streams, str], Drawing] = open_drawing
    ) -> None:
        super().__init__(streams)
        self._theme = theme
        self._opener = opener
        self._sanitizer = Sanitizer()
        self._drawing: Drawing | None = None
        self._notices: list[str] = []
        self._lock = Lock()  # the drawing belongs to whoever holds it
        self._fed, self._closed = Event(), Event()
        self._ticker: SideThread | None = None
        self._failure: BaseException | None = None
        self._continued = Continued()
        self._lent = streams.lent

    def prepare(self) -> None:
        """Load the renderer meanwhile."""
        load_in_background("mira_cli.terminal.markdown.drawing")

    def write(self, text: str) -> None:
        """Draw the piece, at once or within a frame's time."""
        if self._failure is not None:
            raise self._failure
        safe = self._sanitizer.feed(text)
        if not safe:
            return
        with self._lock:
            if self._drawing is None:
                self._continued.watch()
                self._drawing = self._opener(self._streams, self._theme)
                self._ticker = SideThread(self._tick)
                self._ticker.start()
            self._look_again(self._drawing)
            self._drawing.feed(safe)
        if not self._fed.is_set():
            self._fed.set()

    def notice(self, kind: str, message: str) -> None:
        """Tell the person before the reply or after it. The waiting line speaks of retries."""
        if kind == "retry":
            return
        if self._drawing is None:
            self._streams.note(message)
        else:
            self._notices.append(message)

    def done(self, result: Result) -> None:  # noqa: ARG002 - the base class has it
        """Draw the rest; then show the notices that waited, and say what was not shown."""
        try:
            self._close(cut=False)
        except KeyboardInterrupt:  # nobody else would end the drawing
            self._close(cut=True, by_signal=True)
            raise
        self._tell()

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Draw what came, and leave the cursor on a fresh row."""
        with suppress(MiraError, ReaderGone):
            self._close(cut=True, by_signal=isinstance(error, Interrupted))
        self._tell()

    def _tick(self) -> None:
        """Draw what waits for its frame, and anew on a terminal that has changed, until the reply ends."""
        try:
            while True:
                self._fed.wait(_GLANCE)
                self._fed.clear()
                while (delay := self._due()) is not None:
                    if self._closed.wait(delay):
                        return
                    with self._lock:
                        if self._drawing is not None:
                            self._drawing.tick()
                if self._closed.is_set():
                    return
        except BaseException as failure:  # noqa: BLE001 - carried to the thread that can act on it
            self._failure = failure

    def _due(self) -> float | None:
        with self._lock:
            if self._drawing is None or self._closed.is_set():
                return None
            self._look_again(self._drawing)
            return self._drawing.due()

    def _close(self, *, cut: bool, by_signal: bool = False) -> None:
        """Stop the ticker and end the drawing, also when one of them has failed already."""
        self._closed.set()
        self._fed.set()
        ticker, self._ticker = self._ticker, None
        if ticker is not None and ticker.is_alive():  # Ctrl-C may have come while it was being started
            ticker.join()
        self._continued.leave()
        with self._lock:
            drawing, self._drawing = self._drawing, None
            # timeout(1) sends CONT with its TERM, to a process that has not stopped
            if drawing is not None and not (by_signal and self._lent == self._streams.lent):
                self._look_again(drawing)
            if drawing is not None and cut:
                drawing.abort()
            elif drawing is not None:
                drawing.close()
        if self._failure is not None:
            raise self._failure

    def _look_again(self, drawing: Drawing) -> None:
        """After a suspension the open rows stand above what the shell wrote: draw them again, below it."""
        if self._continued.take():
            self._lent = self._streams.lent
            drawing.redraw()

    def _tell(self) -> None:
        note_dropped(self._streams, self._sanitizer)
        for message in self._notices:
            self._streams.note(message)
        self._notices.clear()


class RenderedWriter(Writer):
    """Draws the whole reply at its end: `--no-stream`. Late link definitions resolve here."""

    at_end = True

    def __init__(self, streams: Streams, theme: str) -> None:
        super().__init__(streams)
        self._theme = theme
        self._sanitizer = Sanitizer()
        self._pieces: list[str] = []

    def prepare(self) -> None:
        """Load the renderer in the background."""
        load_in_background("mira_cli.terminal.markdown.drawing")

    def write(self, text: str) -> None:
        """Keep the piece."""
        self._pieces.append(self._sanitizer.feed(text))

    def done(self, result: Result) -> None:  # noqa: ARG002 - the base class has it
        """Draw the reply, and say how many characters were not shown."""
        self._show()
        note_dropped(self._streams, self._sanitizer)

    def fail(self, error: MiraError | ReaderGone) -> None:  # noqa: ARG002 - the base class has it
        """Draw what arrived."""
        with suppress(MiraError, ReaderGone):
            self._show(cut=True)
        note_dropped(self._streams, self._sanitizer)

    def _show(self, *, cut: bool = False) -> None:
        text = "".join(self._pieces)
        if text:
            draw_markdown(self._streams, text, self._theme, cut=cut)


class PagedWriter(Writer):
    """Rows in colour into a pipe, each as soon as it is certain: `--color always`, for `less -R`.

    They are as wide as COLUMNS says, else 80. The text is made safe first: a pager obeys escape sequences.
    """

    def __init__(self, streams: Streams, theme: str) -> None:
        super().__init__(streams)
        self._theme = theme
        self._sanitizer = Sanitizer()
        self._scroll: Scroll | None = None

    def write(self, text: str) -> None:
        """Write the rows that have become certain."""
        self._open().feed(self._sanitizer.feed(text))

    def done(self, result: Result) -> None:  # noqa: ARG002 - the base class has it
        """Write the rest, and say how many characters were not shown."""
        self._open().close()
        note_dropped(self._streams, self._sanitizer)

    def fail(self, error: MiraError | ReaderGone) -> None:  # noqa: ARG002 - the base class has it
        """Write the rest of what arrived, if that is still possible."""
        with suppress(MiraError, ReaderGone):
            self._open().abort()
        note_dropped(self._streams, self._sanitizer)

    def _open(self) -> Scroll:
        if self._scroll is None:
            from mira_cli.terminal.markdown.drawing import Scroll

            self._scroll = Scroll(self._streams.write, self._streams.width(), theme=self._theme)
        return self._scroll


def draw_markdown(streams: Streams, text: str, theme: str, *, cut: bool = False) -> None:
    """Draw a whole text as Markdown on the terminal at standard output.

    Args:
        streams: Where it goes.
        text: Sanitized Markdown.
        theme: Name of the colours of code.
        cut: The text was cut off: close the markup that is open in it.
    """
    from mira_cli.terminal.markdown.drawing import is_tiny, render

    columns, rows = streams.size()
    if is_tiny(columns, rows):
        streams.write(text if text.endswith("\n") else text + "\n")
    else:
        streams.write(render(text, columns, streams.color.answer, theme, streams.shown, cut=cut))


class Continued:
    """Watches for SIGCONT from `watch` to `leave`; who handled it before still does. Nothing on Windows."""

    def __init__(self) -> None:
        self._number = getattr(signal, "SIGCONT", None)
        self._before: Any = None
        self._seen = False

    def watch(self) -> None:
        """Notice it from now on. Does nothing outside the main thread, where no signal comes."""
        if self._number is not None:
            with suppress(ValueError):
                self._before = signal.signal(self._number, self._notice)

    def leave(self) -> None:
        """Give the signal back to who handled it before. Safe to call again."""
        before, self._before = self._before, None
        if before is not None and self._number is not None:
            signal.signal(self._number, before)

    def take(self) -> bool:
        """Whether the process went on after a stop since the last call."""
        seen, self._seen = self._seen, False
        return seen

    def _notice(self, number: int, frame: FrameType | None) -> None:
        self._seen = True
        if callable(self._before):
            self._before(number, frame)
