"""Replies as plain text: into a pipe, onto a terminal that cannot draw, or all at once at the end."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.errors import MiraError, ReaderGone

if TYPE_CHECKING:
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.sanitize import Sanitizer
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writer import Writer


def tell(streams: Streams, kind: str, message: str) -> None:
    """Tell the person of a notice, on standard error. The waiting line speaks of retries."""
    if kind != "retry":
        streams.note(message)


def note_dropped(streams: Streams, sanitizer: Sanitizer) -> None:
    """The reply has ended: say how many of its characters could not be seen and were left out."""
    sanitizer.finish()
    if sanitizer.dropped == 1:
        streams.note("note: 1 invisible character in this reply was not shown")
    elif sanitizer.dropped:
        streams.note(f"note: {sanitizer.dropped:,} invisible characters in this reply were not shown")


class PlainWriter:
    """The reply's text exactly as it comes, then a newline if it does not end in one. For pipes and files.

    With a sanitizer (`--sanitize always`) the text is made safe first.
    """

    at_end = False

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None = None) -> None:
        self._streams = streams
        self._sanitizer = sanitizer
        self._last = ""

    def start(self, model: str) -> None:
        """Nothing is shown yet."""

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, text: str) -> None:
        """Write the piece at once."""
        if self._sanitizer is not None:
            text = self._sanitizer.feed(text)
        if text:
            self._last = text[-1]
            self._streams.write(text)

    def reasoning(self, text: str) -> None:
        """Not part of the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Tell the person."""
        tell(self._streams, kind, message)

    def done(self, result: Result) -> None:  # noqa: ARG002 - the protocol's
        """End the last line, and say what was not shown."""
        self._end_line()
        self._note_dropped()

    def fail(self, error: MiraError | ReaderGone) -> None:  # noqa: ARG002 - the protocol's
        """End the last line, if that is still possible."""
        with suppress(MiraError, ReaderGone):
            self._end_line()
        self._note_dropped()

    def _end_line(self) -> None:
        if self._last not in {"", "\n"}:
            self._last = "\n"
            self._streams.write("\n")

    def _note_dropped(self) -> None:
        if self._sanitizer is not None:
            note_dropped(self._streams, self._sanitizer)


class TerminalWriter:
    """The reply's text on a terminal, undrawn: `--raw`, `--plain`, TERM=dumb. No escape byte is ours.

    Notices that come within the reply wait for its end, so that they do not stand in the middle of a line.
    """

    at_end = False

    def __init__(self, streams: Streams, sanitizer: Sanitizer | None, prefix: str = "") -> None:
        self._streams = streams
        self._text = PlainWriter(streams, sanitizer)
        self._prefix = prefix
        self._notices: list[tuple[str, str]] = []
        self._begun = False

    def start(self, model: str) -> None:
        """Nothing is shown yet."""

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, text: str) -> None:
        """Write the piece at once, the first one after the prefix."""
        if text and not self._begun:
            self._begun = True
            text = self._prefix + text
        self._text.write(text)

    def reasoning(self, text: str) -> None:
        """Not part of the answer."""

    def notice(self, kind: str, message: str) -> None:
        """Tell the person before the reply or after it. The waiting line speaks of retries."""
        if self._begun:
            self._notices.append((kind, message))
        else:
            self._text.notice(kind, message)

    def done(self, result: Result) -> None:
        """End the last line, then say what waited."""
        self._text.done(result)
        self._tell()

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Leave the cursor on a fresh row, then say what waited."""
        self._text.fail(error)
        self._tell()

    def _tell(self) -> None:
        for kind, message in self._notices:
            self._text.notice(kind, message)
        self._notices.clear()


class SilentWriter:
    """Shows nothing of a reply: of `--code` and `--json-reply` the caller prints a part when all is known."""

    at_end = True

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def start(self, model: str) -> None:
        """Nothing to show."""

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, text: str) -> None:
        """Nothing to show."""

    def reasoning(self, text: str) -> None:
        """Nothing to show."""

    def notice(self, kind: str, message: str) -> None:
        """Tell the person."""
        tell(self._streams, kind, message)

    def done(self, result: Result) -> None:
        """Nothing to show."""

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Nothing to show."""


class WholeWriter:
    """Keeps the reply until its end and shows it at once, by the writer it is given: `--no-stream`."""

    at_end = True

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._pieces: list[str] = []

    def start(self, model: str) -> None:
        """Pass it on."""
        self._writer.start(model)

    def prepare(self) -> None:
        """Pass it on."""
        self._writer.prepare()

    def write(self, text: str) -> None:
        """Keep the piece."""
        self._pieces.append(text)

    def reasoning(self, text: str) -> None:
        """Pass it on."""
        self._writer.reasoning(text)

    def notice(self, kind: str, message: str) -> None:
        """Pass it on: nothing of the reply is shown yet."""
        self._writer.notice(kind, message)

    def done(self, result: Result) -> None:
        """Show the reply."""
        self._writer.write(self._take())
        self._writer.done(result)

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Show what came."""
        with suppress(MiraError, ReaderGone):
            self._writer.write(self._take())
        self._writer.fail(error)

    def _take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
