"""A reply drawn as Markdown all at once, at its end: `--no-stream` on a terminal."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.background import load_in_background
from mira_cli.errors import MiraError, ReaderGone
from mira_cli.terminal.plain_writers import note_dropped, tell
from mira_cli.terminal.sanitize import Sanitizer

if TYPE_CHECKING:
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams


class RenderedWriter:
    """Keeps the reply until its end; knowing all of it, it also resolves links that are defined late."""

    at_end = True

    def __init__(self, streams: Streams, theme: str) -> None:
        self._streams = streams
        self._theme = theme
        self._sanitizer = Sanitizer()
        self._pieces: list[str] = []

    def start(self, model: str) -> None:
        """Nothing is shown yet."""

    def prepare(self) -> None:
        """Load the renderer meanwhile."""
        load_in_background("mira_cli.terminal.markdown.drawing")

    def write(self, text: str) -> None:
        """Keep the piece."""
        self._pieces.append(self._sanitizer.feed(text))

    def reasoning(self, text: str) -> None:
        """Not part of the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Tell the person."""
        tell(self._streams, kind, message)

    def done(self, result: Result) -> None:  # noqa: ARG002 - the protocol's
        """Show the reply, and say what was not shown."""
        self._show()
        note_dropped(self._streams, self._sanitizer)

    def fail(self, error: MiraError | ReaderGone) -> None:  # noqa: ARG002 - the protocol's
        """Show what came."""
        with suppress(MiraError, ReaderGone):
            self._show(cut=True)
        note_dropped(self._streams, self._sanitizer)

    def _show(self, *, cut: bool = False) -> None:
        text = "".join(self._pieces)
        if not text:
            return
        from mira_cli.terminal.markdown.drawing import is_tiny, render

        columns, rows = self._streams.size()
        if is_tiny(columns, rows):
            self._streams.write(text if text.endswith("\n") else text + "\n")
        else:
            shown, color = self._streams.shown, self._streams.color.answer
            self._streams.write(render(text, columns, color, self._theme, shown, cut=cut))
