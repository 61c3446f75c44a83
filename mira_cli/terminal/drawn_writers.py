"""Writers that render Markdown: on a terminal while a reply arrives or at its end, or into a pipe."""

from __future__ import annotations

from importlib import import_module
from threading import Event, Lock
from typing import TYPE_CHECKING

from mira_cli.background import SideThread, in_background
from mira_cli.terminal.sanitize import Sanitizer
from mira_cli.terminal.writers import TextWriter

if TYPE_CHECKING:
    from mira_cli.errors import MiraError, ReaderGone
    from mira_cli.terminal.markdown.drawing import Drawing
    from mira_cli.terminal.markdown.engine import Engine
    from mira_cli.terminal.markdown.look import Look
    from mira_cli.terminal.markdown.rows import Row
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams

_CROPPERS = ("vscode",)  # terminals that crop the cursor's row when they get narrower
_RESIZE_CHECK = 0.25  # seconds between checks for a resize while no text arrives


class _DrawnWriter(TextWriter):
    """Renders with rich, which `prepare` loads in a background thread while the server thinks.

    `theme` names the colours of code; `whole` is as in TextWriter.
    """

    def __init__(self, streams: Streams, theme: str, *, whole: bool = False) -> None:
        super().__init__(streams, Sanitizer(), whole=whole)
        self._theme = theme

    def prepare(self) -> None:
        """Load the renderer in the background."""
        in_background(lambda: import_module("mira_cli.terminal.markdown.drawing"))

    def _look(self) -> Look:
        from mira_cli.terminal.markdown.look import Look

        stdout = self._streams.stdout
        return Look(color=stdout.color, theme=self._theme, shown=stdout.shown)


class MarkdownWriter(_DrawnWriter):
    """Renders the reply on a terminal while it arrives.

    A second thread draws pending text when no more arrives.
    """

    def __init__(self, streams: Streams, theme: str) -> None:
        super().__init__(streams, theme)
        self._drawing: Drawing | None = None
        self._lock = Lock()  # guards the drawing
        self._fed, self._closed = Event(), Event()
        self._ticker: SideThread | None = None
        self._failure: BaseException | None = None

    def _put(self, text: str) -> None:
        """Draw the piece now or with the next frame."""
        if self._failure is not None:
            raise self._failure
        with self._streams.uninterrupted(), self._lock:
            if self._drawing is None:
                self._streams.ending = self._streams.disturbed = False
                self._drawing = self._open_drawing()
                self._ticker = SideThread(self._tick)
                self._ticker.start()
            self._look_again(self._drawing)
            self._drawing.feed(text)
        if not self._fed.is_set():
            self._fed.set()

    def _open_drawing(self) -> Drawing:
        from mira_cli.terminal.markdown.drawing import Drawing

        crops = self._streams.env.get("TERM_PROGRAM") in _CROPPERS
        return Drawing(self._streams.write, self._streams.stdout.size, self._look(), crops=crops)

    def done(self, result: Result) -> None:
        """Draw the rest, then show the notices that waited."""
        try:
            super().done(result)
        except KeyboardInterrupt:  # the caller doesn't call fail() after done()
            self._close(cut=True)
            raise

    def _end(self, error: MiraError | ReaderGone | None) -> None:
        self._close(cut=error is not None)

    def _tick(self) -> None:
        """Draw pending text when its frame is due, and redraw after a resize, until the reply ends."""
        try:
            while not self._closed.is_set():
                with self._lock:
                    if self._drawing is None:
                        return
                    self._look_again(self._drawing)
                    self._drawing.tick()
                    delay = self._drawing.due()
                if delay is not None:
                    self._closed.wait(delay)
                elif self._fed.wait(_RESIZE_CHECK):
                    self._fed.clear()
        except BaseException as failure:  # raised later in the main thread
            self._failure = failure

    def _close(self, *, cut: bool) -> None:
        """Stop the ticker and end the drawing, even if one of them has failed."""
        with self._streams.uninterrupted():
            self._closed.set()
            self._fed.set()
            ticker, self._ticker = self._ticker, None
            if ticker is not None:
                ticker.join()
            drawing, self._drawing = self._drawing, None
            if drawing is not None:
                self._look_again(drawing)
                drawing.close(cut=cut)
        if self._failure is not None:
            raise self._failure

    def _look_again(self, drawing: Drawing) -> None:
        """After Ctrl-Z and `fg`, redraw the open rows below the shell's output."""
        if self._streams.disturbed:
            self._streams.disturbed = False
            drawing.redraw()


class RowsWriter(_DrawnWriter):
    """Writes rows, each as soon as it is certain: into a pipe for `less -R`, or a whole reply at its end.

    In a pipe the width is COLUMNS, else 80. The text is sanitised, because pagers pass escape sequences on.
    In a whole reply link definitions may come after their use.
    """

    def __init__(self, streams: Streams, theme: str, *, whole: bool = False) -> None:
        super().__init__(streams, theme, whole=whole)
        self._engine: Engine | None = None

    def _put(self, text: str) -> None:
        """Write the rows that have become certain."""
        if self._engine is None:
            from mira_cli.terminal.markdown.engine import Engine

            self._engine = Engine(self._look())
        if self.at_end:
            self._engine.define(text)
        with self._streams.uninterrupted():
            self._engine.feed(text)
            self._write_rows(self._engine.certain(self._streams.width()))

    def _end(self, error: MiraError | ReaderGone | None) -> None:
        if self._engine is not None:
            with self._streams.uninterrupted():
                self._write_rows(self._engine.close(self._streams.width(), cut=error is not None))

    def _write_rows(self, rows: list[Row]) -> None:
        from mira_cli.terminal.markdown.painter import as_lines

        if rows:
            self._streams.write(as_lines(rows))
