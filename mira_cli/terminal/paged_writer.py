"""Replies as coloured Markdown into a pipe: `--color always`, for `less -R`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.errors import MiraError, ReaderGone
from mira_cli.terminal.markdown.drawing import Scroll
from mira_cli.terminal.plain_writers import note_dropped, tell
from mira_cli.terminal.sanitize import Sanitizer

if TYPE_CHECKING:
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams


class PagedWriter:
    """The reply's rows as soon as they are certain, block by block; the cursor is never moved.

    They are as wide as COLUMNS says, else 80. The text is made safe first: a pager obeys escape sequences.
    """

    at_end = False

    def __init__(self, streams: Streams, theme: str) -> None:
        self._streams = streams
        self._sanitizer = Sanitizer()
        self._scroll = Scroll(streams.write, streams.width(), theme=theme)

    def start(self, model: str) -> None:
        """Nothing is shown yet."""

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, text: str) -> None:
        """Write the rows that have become certain."""
        self._scroll.feed(self._sanitizer.feed(text))

    def reasoning(self, text: str) -> None:
        """Not part of the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Tell the person."""
        tell(self._streams, kind, message)

    def done(self, result: Result) -> None:  # noqa: ARG002 - the protocol's
        """Write the rest, and say what was not shown."""
        self._scroll.close()
        note_dropped(self._streams, self._sanitizer)

    def fail(self, error: MiraError | ReaderGone) -> None:  # noqa: ARG002 - the protocol's
        """Write the rest of what came, if that is still possible."""
        with suppress(MiraError, ReaderGone):
            self._scroll.abort()
        note_dropped(self._streams, self._sanitizer)
